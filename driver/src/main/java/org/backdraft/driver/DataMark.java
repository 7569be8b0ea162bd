package org.backdraft.driver;

import java.util.LinkedHashMap;
import java.util.Map;
import org.backdraft.data.BadRecords;
import org.backdraft.data.DataException;
import org.backdraft.data.DataSource;

/**
 * What a checkpoint says of the data of its run, so that nobody goes on with other examples under
 * the same ids: how many there are, and which records were left out since they cannot be read.
 *
 * @param words by the names of the checkpoint's details
 */
record DataMark(Map<String, Object> words) {
  private static final String TRAINING = "train";
  private static final String VALIDATION = "val";
  private static final String EXAMPLES = "_examples";
  private static final String LEFT_OUT = "_left_out";
  private static final String WHICH = "_left_out_hash";

  /** That of two sets, as they are trained and evaluated. */
  static DataMark of(DataSource training, DataSource validation) {
    Map<String, Object> words = new LinkedHashMap<>();
    put(TRAINING, training, words);
    put(VALIDATION, validation, words);
    return new DataMark(words);
  }

  private static void put(String set, DataSource source, Map<String, Object> words) {
    BadRecords leftOut = source.leftOut();
    words.put(set + EXAMPLES, (long) source.examples());
    words.put(set + LEFT_OUT, (long) leftOut.count());
    words.put(set + WHICH, Long.toHexString(leftOut.hash()));
  }

  /**
   * Whether these are the data of a checkpoint; of one that says nothing of them they are taken to
   * be.
   *
   * @param details of it
   * @param path of it, for a message
   * @throws DataException otherwise
   */
  void check(Map<String, Object> details, String path) throws DataException {
    for (String set : new String[] {TRAINING, VALIDATION}) {
      if (!details.containsKey(set + WHICH)) {
        return;
      }
      String then = describe(set, details);
      String now = describe(set, words);
      boolean isSame = details.get(set + WHICH).equals(words.get(set + WHICH));
      if (!then.equals(now) || !isSame) {
        throw new DataException(
            ("The %s set must be the one that %s was trained with: it had %s, now it has %s%s."
                    + " Restore its files, or begin another run from the checkpoint's"
                    + " model.safetensors by --init-weights.")
                .formatted(
                    set.equals(TRAINING) ? "training" : "validation",
                    path,
                    then,
                    now,
                    then.equals(now) ? ", others" : ""));
      }
    }
  }

  private static String describe(String set, Map<String, Object> of) {
    return "%s examples and %s records that cannot be read"
        .formatted(of.get(set + EXAMPLES), of.get(set + LEFT_OUT));
  }
}
