package org.backdraft.checkpoint;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.backdraft.tensor.Checks;

/**
 * Counters and names of a checkpoint: its {@code state.json}.
 *
 * @param step updates that the weights have seen, in [0, 10^12)
 * @param epoch the epoch of the next step, from 0
 * @param stepInEpoch steps of that epoch that are done
 * @param workers of the run that wrote it
 * @param configSha256 of the configuration, in hexadecimal digits
 * @param weightsSha256 of parameters and buffers, in hexadecimal digits
 * @param details what else is to be restored, carried through: words, truth values, finite numbers
 *     and lists of them. Whole numbers come back as {@link Long}, others as {@link Double}, and so
 *     they are held here from the start. {@link #METRIC} among them tells how good the checkpoint
 *     is.
 */
public record CheckpointState(
    long step,
    int epoch,
    long stepInEpoch,
    int workers,
    String configSha256,
    String weightsSha256,
    Map<String, Object> details) {
  /** The detail by which checkpoints are compared: the higher, the better. */
  public static final String METRIC = "val_accuracy";

  static final long MOST_STEPS = 999_999_999_999L;

  /** Lists in lists in lists: more is a mistake. */
  private static final int MOST_NESTING = 4;

  public CheckpointState {
    Checks.argument(
        step >= 0 && step <= MOST_STEPS, "step must lie in [0, %d]: got %d.", MOST_STEPS, step);
    Checks.argument(
        epoch >= 0 && stepInEpoch >= 0 && workers >= 1,
        "epoch and stepInEpoch must be at least 0, workers at least 1: got %d, %d, %d.",
        epoch,
        stepInEpoch,
        workers);
    Checks.argument(
        configSha256 != null && weightsSha256 != null, "Both hashes must be given: got null.");
    Map<String, Object> plain = new LinkedHashMap<>();
    details.forEach((key, value) -> plain.put(key, plain(key, value, 0)));
    details = Collections.unmodifiableMap(plain);
  }

  /** The hash of a text, as {@link #configSha256} is one. */
  public static String sha256(String text) {
    return Checksums.sha256(text.getBytes(StandardCharsets.UTF_8));
  }

  private static Object plain(String key, Object value, int depth) {
    if (value instanceof String || value instanceof Boolean || value instanceof Long) {
      return value;
    }
    if (value instanceof Integer || value instanceof Short || value instanceof Byte) {
      return ((Number) value).longValue();
    }
    if (value instanceof Double || value instanceof Float) {
      double number = ((Number) value).doubleValue();
      Checks.argument(
          Double.isFinite(number), "Detail '%s' must be a finite number: got %s.", key, value);
      return number;
    }
    if (value instanceof List<?> list && depth < MOST_NESTING) {
      List<Object> copy = new ArrayList<>();
      list.forEach(each -> copy.add(plain(key, each, depth + 1)));
      return Collections.unmodifiableList(copy);
    }
    throw new IllegalArgumentException(
        "Detail '%s' must be a word, a truth value, a number or a list of them: got %s."
            .formatted(key, value == null ? "null" : value.getClass().getName()));
  }
}
