package org.backdraft.data.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.spark.TaskContext;
import org.backdraft.data.BlockPlan;
import org.backdraft.data.BlockReader;
import org.backdraft.data.DataException;
import org.backdraft.data.DataSource;
import org.backdraft.data.RecordBlock;
import org.backdraft.driver.spark.bridge.PlacedRdd.PartitionReader;
import org.backdraft.driver.spark.bridge.SparkBlocks;

/**
 * Reads a source on an executor, as the elements of a partition: block after block, never more than
 * one in memory.
 *
 * @param whole whether the one partition is the whole source, else each block is a partition
 */
record SourceReader(DataSource source, BlockPlan plan, boolean whole)
    implements PartitionReader<RecordBlock> {
  private static final long serialVersionUID = 1L;

  @Override
  public Iterator<RecordBlock> read(int partition) throws IOException {
    int begin = whole ? 0 : plan.begin(partition);
    int end = whole ? plan.examples() : plan.end(partition);
    try {
      BlockReader reader = source.read(begin, end, plan.examplesPerBlock());
      TaskContext task = TaskContext.get();
      if (task != null) {
        task.addTaskCompletionListener(
            context -> {
              try {
                reader.close();
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
      }
      return new Blocks(reader);
    } catch (IOException e) {
      throw onHost(e);
    }
  }

  /** Says on which host reading failed: a location may be readable on some hosts only. */
  static DataException onHost(IOException e) {
    return new DataException("On host %s: %s".formatted(SparkBlocks.host(), describe(e)), e);
  }

  private static String describe(IOException e) {
    return e instanceof DataException ? e.getMessage() : e.toString();
  }

  private static final class Blocks implements Iterator<RecordBlock> {
    private final BlockReader reader;
    private RecordBlock next;
    private boolean known;

    Blocks(BlockReader reader) {
      this.reader = reader;
    }

    @Override
    public boolean hasNext() {
      if (!known) {
        try {
          next = reader.next();
          if (next == null) {
            reader.close();
          }
        } catch (IOException e) {
          DataException named = onHost(e);
          throw new UncheckedIOException(named.getMessage(), named);
        }
        known = true;
      }
      return next != null;
    }

    @Override
    public RecordBlock next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      known = false;
      return next;
    }
  }
}
