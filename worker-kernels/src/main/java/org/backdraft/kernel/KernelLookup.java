package org.backdraft.kernel;

/** Chooses the kernels of this JVM. */
public final class KernelLookup {
  /**
   * What was chosen.
   *
   * @param explanation for the log: what runs and, where it is not the fast one, why and what to do
   * @param fast whether the SIMD kernels run
   */
  public record Choice(Kernels kernels, String explanation, boolean fast) {}

  private KernelLookup() {}

  /** The kernels of this JVM. */
  public static Choice choose() {
    return new Choice(new ScalarKernels(), "scalar kernels", false);
  }
}
