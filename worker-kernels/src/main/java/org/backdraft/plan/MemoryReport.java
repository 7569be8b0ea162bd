package org.backdraft.plan;

/**
 * Bytes that a replica allocates, by purpose.
 *
 * @param gradientBuffers how many arrays of gradient sums there are: one per subtree of the
 *     worker's leaves, and where these are computed in p pieces log2(p) more for all of them
 */
public record MemoryReport(
    long parameterBytes,
    long gradientBytes,
    int gradientBuffers,
    long optimizerBytes,
    long activationBytes,
    long workspaceBytes) {
  /** All of it. */
  public long totalBytes() {
    return parameterBytes + gradientBytes + optimizerBytes + activationBytes + workspaceBytes;
  }
}
