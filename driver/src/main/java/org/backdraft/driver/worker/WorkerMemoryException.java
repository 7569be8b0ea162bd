package org.backdraft.driver.worker;

import java.util.Locale;
import org.backdraft.plan.MemoryReport;

/** The plan does not fit into the heap of the JVM that was to run it. */
final class WorkerMemoryException extends Exception {
  private static final long serialVersionUID = 1L;

  WorkerMemoryException(MemoryReport memory, long heapBytes) {
    super(
        String.format(
            Locale.ROOT,
            "The heap of a worker must hold its plan of %d MB: it has %d MB. Raise -Xmx or"
                + " --executor-memory, or lower data.batch.",
            (memory.totalBytes() >> 20) + 1,
            heapBytes >> 20));
  }
}
