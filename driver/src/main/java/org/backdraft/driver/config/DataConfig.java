package org.backdraft.driver.config;

import static org.backdraft.driver.config.ConfigChecks.requireFraction;
import static org.backdraft.driver.config.ConfigChecks.requireName;
import static org.backdraft.driver.failure.ConfigurationException.checked;
import static org.backdraft.driver.failure.ConfigurationException.require;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Arrays;
import java.util.Optional;
import org.backdraft.image.Augmentation;
import org.backdraft.tensor.Shape;

/**
 * What a network learns from and is validated on: the section {@code data}.
 *
 * @param train URI of the training set
 * @param val URI of the validation set; empty for the format's own test split
 * @param validation fraction of the training set that is cut off for validation, in [0, 1)
 * @param batch examples of a <em>global</em> batch; {@link #ALL} for those of the training set
 * @param shuffle whether each epoch has its own order; false keeps the source's order
 * @param normalize {@code unit} (x / 255), {@code standard} (zero mean, unit variance per channel),
 *     or {@code mean:std} lists
 * @param image shape that pictures become, {@code 3x224x224}; empty for that of the model
 * @param augment how training images are changed at random; see {@link Augmentation#parse}
 * @param blockBytes about how many encoded bytes a record block holds
 * @param cacheBytes encoded bytes that a worker keeps at hand, fetched blocks included
 * @param badRecords what becomes of records that cannot be read
 * @param mix how training examples are mixed with each other
 * @param limit how much of both sets is used
 */
public record DataConfig(
    @JsonProperty("train") String train,
    @JsonProperty("val") String val,
    @JsonProperty("validation") double validation,
    @JsonProperty("batch") int batch,
    @JsonProperty("shuffle") boolean shuffle,
    @JsonProperty("normalize") String normalize,
    @JsonProperty("image") String image,
    @JsonProperty("augment") String augment,
    @JsonProperty("block-bytes") long blockBytes,
    @JsonProperty("cache-bytes") long cacheBytes,
    @JsonProperty("bad-records") BadRecordsConfig badRecords,
    @JsonProperty("mix") MixConfig mix,
    @JsonProperty("limit") LimitConfig limit) {
  /** A batch of all examples: {@code all}. */
  public static final int ALL = Integer.MAX_VALUE;

  /** Examples of a piece of such a batch, about. */
  static final int PIECE = 512;

  private static final int MOST_SIDE = 16_384;

  public DataConfig {
    requireName("data.train", train);
    require(val != null, "data.val must be a URI, or empty for the format's own test split.");
    requireFraction("data.validation", validation);
    require(
        val.isEmpty() || validation == 0,
        "data.val and data.validation must not both be given: got '%s' and %s.",
        val,
        validation);
    require(batch >= 1, "data.batch must be at least 1: got %d.", batch);
    requireName("data.normalize", normalize);
    require(image != null, "data.image must be a shape, or empty for that of the model.");
    Optional<Shape> unusedShape = imageShape(image);
    require(augment != null, "data.augment must be a list of steps, or empty for none.");
    Augmentation unused = checked(() -> Augmentation.parse(augment));
    require(blockBytes >= 1, "data.block-bytes must be at least 1: got %d.", blockBytes);
    require(cacheBytes >= 1, "data.cache-bytes must be at least 1: got %d.", cacheBytes);
    require(badRecords != null, "data.bad-records must be given.");
    require(mix != null, "data.mix must be given.");
    require(limit != null, "data.limit must be given.");
  }

  /** Whether a batch is the whole training set. */
  public boolean takesAll() {
    return batch == ALL;
  }

  /** The shape that pictures become; empty for that of the model. */
  public Optional<Shape> imageShape() {
    return imageShape(image);
  }

  private static Optional<Shape> imageShape(String text) {
    if (text.isEmpty()) {
      return Optional.empty();
    }
    int[] dims = new int[0];
    try {
      dims = Arrays.stream(text.split("x", -1)).mapToInt(Integer::parseInt).toArray();
    } catch (NumberFormatException e) {
      // What is no number is refused below.
    }
    require(
        dims.length == 3 && Arrays.stream(dims).allMatch(d -> d >= 1 && d <= MOST_SIDE),
        "data.image must be channels x height x width, such as 3x224x224, sides up to %d: got"
            + " '%s'.",
        MOST_SIDE,
        text);
    return Optional.of(Shape.of(dims));
  }
}
