package org.backdraft.data.spark;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.backdraft.data.BadExample;
import org.backdraft.data.DataSource;
import org.backdraft.driver.spark.bridge.PlacedRdd;
import org.backdraft.driver.spark.bridge.PlacedRdd.PartitionReader;
import org.backdraft.driver.spark.bridge.SparkBlocks;

/** Finds the examples of a source that cannot be read, by one Spark job that reads all of it. */
public final class ExampleCheck {
  /** Examples of a task. */
  private static final int EXAMPLES = 512;

  private ExampleCheck() {}

  /** What a task reads. */
  private record Part(DataSource source) implements PartitionReader<BadExample> {
    private static final long serialVersionUID = 1L;

    @Override
    public Iterator<BadExample> read(int partition) throws IOException {
      int begin = partition * EXAMPLES;
      int end = (int) Math.min(source.examples(), (long) begin + EXAMPLES);
      try {
        return BadExample.find(source, begin, end).iterator();
      } catch (IOException e) {
        throw SourceReader.onHost(e);
      }
    }
  }

  /**
   * Reads every example once.
   *
   * @return those that cannot be read, by id
   * @throws IOException if files cannot be reached
   */
  public static List<BadExample> find(JavaSparkContext sc, DataSource source) throws IOException {
    int parts = (source.examples() + EXAMPLES - 1) / EXAMPLES;
    JavaRDD<BadExample> found =
        PlacedRdd.reading(
            sc, BadExample.class, parts, SparkBlocks.executorPlaces(), new Part(source));
    List<BadExample> bad =
        new ArrayList<>(SparkJob.run(sc, "Check " + source.uri(), found::collect));
    bad.sort(Comparator.comparingInt(BadExample::id));
    return bad;
  }
}
