package org.backdraft.checkpoint;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names of folders and files below {@code checkpoints}. Only names that are made here are
 * written, read or deleted, so nothing that a file says leads out of the folder.
 */
final class CheckpointLayout {
  /** The folder of a run that holds its checkpoints. */
  static final String FOLDER = "checkpoints";

  static final String MODEL = "model.safetensors";
  static final String STATE = "state.json";
  static final String MANIFEST = "MANIFEST.json";

  /** Written last: without it a checkpoint is none. */
  static final String COMMIT = "_COMMIT";

  /** The hexadecimal digits of SHA-256 and the end of the line. */
  static final int COMMIT_BYTES = 65;

  static final int MOST_NAME_LETTERS = 100;

  private static final String TENSORS = ".safetensors";
  private static final Pattern PART =
      Pattern.compile("[a-z][a-z0-9-]{0," + (MOST_NAME_LETTERS - 1) + "}");
  private static final Pattern STEP = Pattern.compile("step-([0-9]{12})");
  private static final Pattern ATTEMPT = Pattern.compile("attempt-(0|[1-9][0-9]{0,8})");

  private CheckpointLayout() {}

  static boolean isPartName(String name) {
    return PART.matcher(name).matches() && !partFile(name).equals(MODEL);
  }

  static String partFile(String part) {
    return part + TENSORS;
  }

  /** The part of {@link #partFile}. */
  static String partOf(String file) {
    return file.substring(0, file.length() - TENSORS.length());
  }

  /** Whether a manifest may list it. */
  static boolean isContent(String file) {
    return file.equals(STATE) || (file.endsWith(TENSORS) && PART.matcher(partOf(file)).matches());
  }

  /** What a file is called until it is whole. */
  static String unfinished(String file) {
    return "." + file + ".unfinished";
  }

  /** Whether the writer makes files of that name: nothing else is ever deleted. */
  static boolean isOurs(String file) {
    String name = file;
    if (file.startsWith(".") && file.endsWith(".unfinished")) {
      name = file.substring(1, file.length() - ".unfinished".length());
    }
    return isContent(name) || name.equals(MANIFEST) || name.equals(COMMIT);
  }

  static String stepFolder(long step) {
    return String.format(Locale.ROOT, "step-%012d", step);
  }

  /** {@code step-000000001200/attempt-1}. */
  static String folder(long step, int attempt) {
    return stepFolder(step) + "/attempt-" + attempt;
  }

  /** Whether it is a whole marker; half a one marks nothing. */
  static boolean isMarker(StoreFiles.Item item) {
    return item.name().equals(COMMIT)
        && item.kind() == StoreFiles.Kind.FILE
        && item.bytes() == COMMIT_BYTES;
  }

  /** The step of a folder's name, if it is one. */
  static Optional<Long> step(String folder) {
    Matcher matcher = STEP.matcher(folder);
    return matcher.matches() ? Optional.of(Long.parseLong(matcher.group(1))) : Optional.empty();
  }

  /** The attempt of a folder's name, if it is one. */
  static Optional<Integer> attempt(String folder) {
    Matcher matcher = ATTEMPT.matcher(folder);
    return matcher.matches() ? Optional.of(Integer.parseInt(matcher.group(1))) : Optional.empty();
  }
}
