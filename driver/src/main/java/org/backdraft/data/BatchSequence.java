package org.backdraft.data;

/** Batches one after the other, by the ids of their examples; used by one thread. */
interface BatchSequence {
  /** Moves on to the next batch, which may have to be waited for; false after the last. */
  boolean advance() throws InterruptedException;

  /** No more batches are wanted: {@link #advance} need not wait any longer. For any thread. */
  default void end() {}

  /** The epoch that examples are shown in; {@link RecordReader#UNCHANGED} where it is none. */
  int epoch();

  /** This rank's examples of the batch. */
  int size();

  /** Of this rank's examples of the global batch the first that is in the batch, from 0. */
  default int begin() {
    return 0;
  }

  /** Examples of the global batch. */
  int globalSize();

  /** The place of the batch's first example in the order of its epoch. */
  long position();

  /** Leaves that the examples of the batch belong to. */
  default int leaves() {
    return 1;
  }

  /** Where a leaf begins in the batch; that past the last one where the batch ends. */
  default int leafBegin(int leaf) {
    return leaf == 0 ? 0 : size();
  }

  /** The id of this rank's i-th example of the batch. */
  int exampleId(int i);
}
