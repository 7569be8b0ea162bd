package org.backdraft.data;

import java.io.Serializable;

/** Exact sums over all bytes of each channel. */
public record ChannelSums(long[] counts, long[] sums, long[] squares) implements Serializable {
  private static final long serialVersionUID = 1L;
}
