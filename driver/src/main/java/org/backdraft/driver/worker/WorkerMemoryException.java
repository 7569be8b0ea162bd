package org.backdraft.driver.worker;

import java.util.Locale;
import org.backdraft.plan.MemoryReport;

/** The plan, with all that lies beside it, does not fit into the heap of the JVM that runs it. */
final class WorkerMemoryException extends Exception {
  private static final long serialVersionUID = 1L;

  WorkerMemoryException(MemoryReport memory, long heapBytes) {
    super(
        String.format(
            Locale.ROOT,
            "The heap of a worker must hold its plan of %d MB: it has %d MB. Raise -Xmx or"
                + " --executor-memory, lower data.batch, or train with train.accumulate.",
            (memory.totalBytes() >> 20) + 1,
            heapBytes >> 20));
  }

  /** Suppresses the error and has no cause: Spark ends a JVM that finds the error among causes. */
  WorkerMemoryException(MemoryReport memory, long heapBytes, OutOfMemoryError error) {
    super(
        String.format(
            Locale.ROOT,
            "The heap of a worker must hold its plan of %d MB beside data and Spark: its %d MB ran out"
                + " (%s). Raise -Xmx or --executor-memory to %dm, lower data.batch, or"
                + " train with train.accumulate.",
            (memory.totalBytes() >> 20) + 1,
            heapBytes >> 20,
            error.getMessage(),
            (heapBytes + heapBytes / 2) >> 20));
    addSuppressed(error);
  }
}
