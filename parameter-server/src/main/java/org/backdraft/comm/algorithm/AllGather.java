package org.backdraft.comm.algorithm;

import org.backdraft.comm.CollectiveException;

/** A way to hand the elements of a range from their owners to all ranks. */
interface AllGather {
  /** Completes {@code values[begin, end)}. */
  void run(float[] values, int begin, int end, long step) throws CollectiveException;
}
