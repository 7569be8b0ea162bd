package org.backdraft.driver.spark.bridge;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.Partition;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.RDD;
import scala.collection.immutable.Nil$;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/**
 * An RDD whose partition i prefers the executor {@code places[i mod places]}, so that what it
 * persists spreads evenly over the executors.
 *
 * <p>Left to itself Spark places the reading side of a shuffle beside its map output, which after a
 * read by one task means: everything on one host.
 */
public final class PlacedRdd<T> extends RDD<T> {
  private static final long serialVersionUID = 1L;

  /** What a partition holds, computed on an executor from the partition's index alone. */
  public interface PartitionReader<T> extends Serializable {
    /** The elements of the partition. */
    Iterator<T> read(int partition) throws IOException;
  }

  /** A partition that is its index. */
  private record Index(int index) implements Partition {
    private static final long serialVersionUID = 1L;
  }

  private final RDD<T> parent;
  private final PartitionReader<T> reader;
  private final int partitions;
  private final List<String> places;

  private PlacedRdd(
      JavaSparkContext sc,
      int partitions,
      List<String> places,
      PartitionReader<T> reader,
      ClassTag<T> type) {
    super(sc.sc(), noDependencies(), type);
    parent = null;
    this.partitions = partitions;
    this.places = places;
    this.reader = reader;
  }

  private PlacedRdd(RDD<T> parent, List<String> places) {
    super(parent, parent.elementClassTag());
    this.parent = parent;
    this.partitions = parent.getNumPartitions();
    this.places = places;
    this.reader = null;
  }

  /**
   * An RDD of {@code partitions} partitions that {@code reader} computes.
   *
   * @param places of {@link SparkBlocks#executorPlaces}; none for no preference
   */
  public static <T> JavaRDD<T> reading(
      JavaSparkContext sc,
      Class<T> type,
      int partitions,
      List<String> places,
      PartitionReader<T> reader) {
    return new PlacedRdd<>(
            sc, partitions, List.copyOf(places), reader, ClassTag$.MODULE$.<T>apply(type))
        .toJavaRDD();
  }

  /** The partitions of {@code parent}, in other places. */
  public static <T> JavaRDD<T> over(JavaRDD<T> parent, List<String> places) {
    return new PlacedRdd<>(parent.rdd(), List.copyOf(places)).toJavaRDD();
  }

  @SuppressWarnings("unchecked")
  private static Seq<org.apache.spark.Dependency<?>> noDependencies() {
    return (Seq<org.apache.spark.Dependency<?>>) (Seq<?>) Nil$.MODULE$;
  }

  @Override
  public scala.collection.Iterator<T> compute(Partition split, TaskContext context) {
    if (parent != null) {
      return parent.iterator(split, context);
    }
    try {
      return CollectionConverters.asScala(reader.read(split.index()));
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  @Override
  public Partition[] getPartitions() {
    if (parent != null) {
      return parent.partitions();
    }
    Partition[] all = new Partition[partitions];
    for (int i = 0; i < partitions; i++) {
      all[i] = new Index(i);
    }
    return all;
  }

  @Override
  public Seq<String> getPreferredLocations(Partition split) {
    List<String> preferred =
        places.isEmpty() ? List.of() : List.of(places.get(split.index() % places.size()));
    return CollectionConverters.asScala(preferred).toSeq();
  }
}
