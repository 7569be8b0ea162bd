package org.backdraft.nn;

import java.util.Optional;

/**
 * What a plan has a batch normalisation do to its output before it leaves the cache, in place of
 * nodes of their own. The output's gradient is then that of the last of those nodes.
 *
 * @param addend what is added, if anything; its gradient is the output's, turned off where
 *     rectified
 * @param rectified whether {@code max(0, ·)} follows
 */
public record Epilogue(Optional<Slot> addend, boolean rectified) {
  /** No such nodes. */
  public static final Epilogue NONE = new Epilogue(Optional.empty(), false);
}
