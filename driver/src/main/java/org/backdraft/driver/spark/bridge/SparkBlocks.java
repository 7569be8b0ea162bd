package org.backdraft.driver.spark.bridge;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.apache.spark.SparkEnv;
import org.apache.spark.storage.BlockManager;
import org.apache.spark.storage.BlockManagerId;
import org.apache.spark.storage.BlockResult;
import org.apache.spark.storage.RDDBlockId;
import scala.Option;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag$;

/** Spark's block manager, as far as record blocks need it, without Scala types. */
public final class SparkBlocks {
  private SparkBlocks() {}

  /**
   * A block as it was found.
   *
   * @param fromPeer whether it came over the network
   */
  public record Found<T>(T value, boolean fromPeer) {}

  /**
   * The one element of a persisted partition, from this JVM's memory or disk, else from the
   * executor that holds it; empty when nobody does. Blocks while it fetches.
   *
   * <p>May be called from any thread of an executor, with or without a task: the block's read lock
   * is given back before this returns, by reading the iterator to its end.
   *
   * @throws IllegalStateException if this JVM is neither driver nor executor, or the partition does
   *     not hold exactly one element
   */
  public static <T> Optional<Found<T>> single(int rddId, int partition, Class<T> type) {
    BlockManager manager = manager();
    RDDBlockId id = new RDDBlockId(rddId, partition);
    Option<BlockResult> result = manager.get(id, ClassTag$.MODULE$.<T>apply(type));
    if (result.isEmpty()) {
      return Optional.empty();
    }
    boolean fromPeer = result.get().readMethod().toString().equals("Network");
    Iterator<Object> elements = result.get().data();
    boolean exhausted = false;
    List<T> found = new ArrayList<>(1);
    try {
      while (elements.hasNext()) {
        found.add(type.cast(elements.next()));
      }
      exhausted = true;
    } finally {
      if (!exhausted && !fromPeer) {
        manager.releaseLock(id, Option.empty());
      }
    }
    if (found.size() != 1) {
      throw new IllegalStateException(
          "Partition %d of RDD %d must hold one element: it holds %d."
              .formatted(partition, rddId, found.size()));
    }
    return Optional.of(new Found<>(found.get(0), fromPeer));
  }

  /** On the driver: the executor that holds each partition, empty where none does. */
  public static List<Optional<String>> holders(int rddId, int partitions) {
    BlockManager manager = manager();
    List<Optional<String>> holders = new ArrayList<>(partitions);
    for (int i = 0; i < partitions; i++) {
      List<BlockManagerId> locations =
          CollectionConverters.asJava(manager.master().getLocations(new RDDBlockId(rddId, i)));
      holders.add(locations.stream().map(BlockManagerId::executorId).sorted().findFirst());
    }
    return holders;
  }

  /**
   * On the driver: the registered executors in the form that Spark takes for a preferred location,
   * in a fixed order; empty in local mode.
   */
  public static List<String> executorPlaces() {
    BlockManager manager = manager();
    List<BlockManagerId> peers =
        new ArrayList<>(
            CollectionConverters.asJava(manager.master().getPeers(manager.blockManagerId())));
    peers.sort(
        Comparator.comparing((BlockManagerId id) -> id.executorId().length())
            .thenComparing(BlockManagerId::executorId));
    List<String> places = new ArrayList<>(peers.size());
    for (BlockManagerId id : peers) {
      places.add("executor_" + id.host() + "_" + id.executorId());
    }
    return places;
  }

  /** The host that this JVM is known by in the cluster. */
  public static String host() {
    return manager().blockManagerId().host();
  }

  private static BlockManager manager() {
    SparkEnv env = SparkEnv.get();
    if (env == null) {
      throw new IllegalStateException(
          "Record blocks are kept by Spark: this must run on an executor, or on the driver.");
    }
    return env.blockManager();
  }
}
