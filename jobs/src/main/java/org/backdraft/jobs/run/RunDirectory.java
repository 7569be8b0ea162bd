package org.backdraft.jobs.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.backdraft.driver.failure.ConfigurationException;

/** The folder of one run, made and known to be writable before training starts. */
public final class RunDirectory {
  /** What a lesson shows, as text. */
  public static final String LESSON = "lesson.txt";

  /** A picture of what a lesson shows. */
  public static final String LESSON_PLOT = "lesson.svg";

  /** The effective configuration. */
  public static final String CONFIG = "config.yaml";

  /** One JSON object a step and one an epoch. */
  public static final String METRICS = "metrics.jsonl";

  /** One row an epoch. */
  public static final String RESULTS = "results.csv";

  /** Loss and error by epoch. */
  public static final String CURVES = "curves.svg";

  /** How a function of one number was learned. */
  public static final String FUNCTION = "function.svg";

  /** The final numbers. */
  public static final String SUMMARY = "summary.json";

  /** The folder of what a run can go on from. */
  public static final String CHECKPOINTS = "checkpoints";

  /** What is in the folder of each checkpoint that is whole. */
  private static final String COMMIT = "_COMMIT";

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd_HHmmss", Locale.ROOT);

  private final Path path;
  private final Optional<Path> latest;

  private RunDirectory(Path path, Optional<Path> latest) {
    this.path = path;
    this.latest = latest;
  }

  /**
   * Makes {@code parent/<time>-<name>}.
   *
   * @throws ConfigurationException if that is impossible
   */
  public static RunDirectory timed(Path parent, LocalDateTime now, String name) {
    String base = TIME.format(now) + "-" + name.replaceAll("[^A-Za-z0-9_.-]+", "-");
    Path path = parent.resolve(base);
    for (int i = 2; Files.exists(path); i++) {
      path = parent.resolve(base + "-" + i);
    }
    return new RunDirectory(at(path).path, Optional.of(parent.resolve("latest")));
  }

  /**
   * Makes {@code path}, or takes it if it holds no run yet.
   *
   * @throws ConfigurationException if it cannot be written or holds a run already
   */
  public static RunDirectory at(Path path) {
    try {
      Files.createDirectories(path);
      Files.delete(Files.createTempFile(path, "probe", ".tmp"));
    } catch (IOException e) {
      throw new ConfigurationException(
          "The output folder must be writable: '%s' is not (%s). Choose another by --out DIR."
              .formatted(path.toAbsolutePath(), e),
          e);
    }
    for (String file : new String[] {CONFIG, METRICS, SUMMARY}) {
      if (Files.exists(path.resolve(file))) {
        throw new ConfigurationException(
            "The output folder must not hold another run: '%s' has a %s. Choose another by --out"
                    .formatted(path.toAbsolutePath(), file)
                + " DIR, or delete it.");
      }
    }
    return new RunDirectory(path, Optional.empty());
  }

  /**
   * Takes the folder of a run that is to go on.
   *
   * @throws ConfigurationException if it holds none
   */
  public static RunDirectory of(Path path) {
    if (!Files.isRegularFile(path.resolve(CONFIG))) {
      throw new ConfigurationException(
          "A run that is resumed must have a folder with a %s: '%s' has none."
              .formatted(CONFIG, path.toAbsolutePath()));
    }
    return new RunDirectory(path, Optional.empty());
  }

  /**
   * Takes the folder of a run that has come to nothing, to begin it again: what it has told is
   * removed.
   *
   * @throws ConfigurationException if it cannot be written
   */
  static RunDirectory anew(Path path) throws IOException {
    for (String file : new String[] {CONFIG, METRICS, RESULTS, CURVES, SUMMARY}) {
      Files.deleteIfExists(path.resolve(file));
    }
    return at(path);
  }

  /** Where the folder lies, as the user named it. */
  public Path path() {
    return path;
  }

  /** A file of the run. */
  public Path file(String name) {
    return path.resolve(name);
  }

  /** Whether a checkpoint was committed here. */
  public boolean hasCheckpoint() {
    Path checkpoints = file(CHECKPOINTS);
    if (!Files.isDirectory(checkpoints)) {
      return false;
    }
    try (Stream<Path> all = Files.find(checkpoints, 3, (each, of) -> each.endsWith(COMMIT))) {
      return all.findAny().isPresent();
    } catch (IOException | UncheckedIOException e) {
      return false; // what cannot be listed cannot be gone on from
    }
  }

  /**
   * Writes a whole file so that a reader never sees a part of it.
   *
   * @throws UncheckedIOException if the disk does not take it
   */
  public void write(String name, String text) {
    try {
      Path partial = file("." + name + ".tmp");
      Files.writeString(partial, text, StandardCharsets.UTF_8);
      Files.move(
          partial, file(name), StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write " + file(name), e);
    }
  }

  /**
   * Lets {@code latest} beside a timed folder name this run, once it holds a model. A convenience
   * for people; a file system without links goes without.
   */
  public void linkLatest() {
    if (latest.isEmpty()) {
      return;
    }
    Path link = latest.get();
    try {
      if (Files.isSymbolicLink(link) || !Files.exists(link)) {
        Files.deleteIfExists(link);
        Files.createSymbolicLink(link, path.getFileName());
      }
    } catch (IOException | UnsupportedOperationException e) {
      // Another run may be making the same link, or there are no links here: neither matters.
      return;
    }
  }
}
