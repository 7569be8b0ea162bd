package org.backdraft.checkpoint;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads the folder of one checkpoint: marker, the manifest's hash, sizes, then each file with its
 * checksum. Nothing is believed before what vouches for it was checked, and no more memory is taken
 * than the checked size of a file.
 */
final class CheckpointReader {
  private final StoreFiles files;

  CheckpointReader(StoreFiles files) {
    this.files = files;
  }

  /** What one checkpoint holds. */
  record Content(Manifest manifest, CheckpointState state, Map<String, TensorFile> tensors) {}

  /**
   * The manifest, after marker, hash, place and the sizes of all files were checked.
   *
   * @throws CheckpointException for the first of them that is not as it must be
   */
  Manifest manifest(String folder, long step, int attempt) throws IOException {
    Map<String, StoreFiles.Item> items = items(folder);
    Manifest manifest = vouchedManifest(folder, items, step, attempt);
    for (Manifest.Content file : manifest.files()) {
      Optional<String> problem = sizeProblem(folder, items, file);
      if (problem.isPresent()) {
        throw new CheckpointException(problem.get());
      }
    }
    return manifest;
  }

  private Map<String, StoreFiles.Item> items(String folder) throws IOException {
    Map<String, StoreFiles.Item> items = new LinkedHashMap<>();
    for (StoreFiles.Item item : files.list(folder)) {
      items.put(item.name(), item);
    }
    return items;
  }

  private Manifest vouchedManifest(
      String folder, Map<String, StoreFiles.Item> items, long step, int attempt)
      throws IOException {
    byte[] marker = small(folder, items, CheckpointLayout.COMMIT, CheckpointLayout.COMMIT_BYTES);
    byte[] json = small(folder, items, CheckpointLayout.MANIFEST, StrictJson.MOST_BYTES);
    String expected = new String(marker, StandardCharsets.ISO_8859_1);
    String origin = files.locate(folder + "/" + CheckpointLayout.MANIFEST);
    if (!expected.equals(Checksums.sha256(json) + "\n")) {
      throw new CheckpointException(
          "%s must have the SHA-256 that %s says: it has another. One of the two is damaged."
              .formatted(origin, CheckpointLayout.COMMIT));
    }
    Manifest manifest = Manifest.parse(json, origin);
    if (manifest.step() != step || manifest.attempt() != attempt) {
      throw new CheckpointException(
          "%s must be of step %d, attempt %d: it is of step %d, attempt %d."
              .formatted(origin, step, attempt, manifest.step(), manifest.attempt()));
    }
    return manifest;
  }

  private byte[] small(
      String folder, Map<String, StoreFiles.Item> items, String name, int mostBytes)
      throws IOException {
    String path = folder + "/" + name;
    StoreFiles.Item item = items.get(name);
    if (item == null || item.kind() != StoreFiles.Kind.FILE) {
      throw new CheckpointException(missing(path, item));
    }
    if (item.bytes() > mostBytes) {
      throw new CheckpointException(
          "%s may have at most %d bytes: it has %d."
              .formatted(files.locate(path), mostBytes, item.bytes()));
    }
    try (InputStream in = files.open(path)) {
      return in.readNBytes(mostBytes);
    }
  }

  private String missing(String path, StoreFiles.Item item) {
    return item == null
        ? "%s is missing.".formatted(files.locate(path))
        : "%s must be a plain file: it is a folder or a link.".formatted(files.locate(path));
  }

  private Optional<String> sizeProblem(
      String folder, Map<String, StoreFiles.Item> items, Manifest.Content file) {
    StoreFiles.Item item = items.get(file.name());
    String path = folder + "/" + file.name();
    if (item == null || item.kind() != StoreFiles.Kind.FILE) {
      return Optional.of(missing(path, item));
    }
    return item.bytes() == file.bytes()
        ? Optional.empty()
        : Optional.of(
            "%s must have %d bytes: it has %d."
                .formatted(files.locate(path), file.bytes(), item.bytes()));
  }

  /** Reads everything, CRC32C checked. */
  Content read(String folder, long step, int attempt) throws IOException {
    Manifest manifest = manifest(folder, step, attempt);
    CheckpointState state = null;
    Map<String, TensorFile> tensors = new LinkedHashMap<>();
    for (Manifest.Content file : manifest.files()) {
      if (file.name().equals(CheckpointLayout.STATE)) {
        state = state(folder, file, step, false);
      } else {
        tensors.put(
            CheckpointLayout.partOf(file.name()),
            checked(
                folder, file, false, (in, origin) -> Safetensors.read(in, file.bytes(), origin)));
      }
    }
    return new Content(manifest, state, tensors);
  }

  /** The state alone, its CRC32C checked. */
  CheckpointState state(String folder, long step, int attempt) throws IOException {
    for (Manifest.Content file : manifest(folder, step, attempt).files()) {
      if (file.name().equals(CheckpointLayout.STATE)) {
        return state(folder, file, step, false);
      }
    }
    throw new AssertionError("A manifest lists the state");
  }

  private CheckpointState state(String folder, Manifest.Content file, long step, boolean withSha)
      throws IOException {
    CheckpointState state =
        checked(
            folder,
            file,
            withSha,
            (in, origin) -> StateFile.parse(StrictJson.bytes(in, origin), origin));
    if (state.step() != step) {
      throw new CheckpointException(
          "%s must be of step %d: it is of step %d."
              .formatted(files.locate(folder + "/" + file.name()), step, state.step()));
    }
    return state;
  }

  /**
   * Checks everything, SHA-256 and the form of each file too, but keeps no tensor in memory.
   *
   * @param problems gets all that is wrong
   * @param remarks gets what is odd but harms nothing
   */
  void verify(String folder, long step, int attempt, List<String> problems, List<String> remarks) {
    try {
      Map<String, StoreFiles.Item> items = items(folder);
      Manifest manifest = vouchedManifest(folder, items, step, attempt);
      List<String> known =
          new ArrayList<>(List.of(CheckpointLayout.COMMIT, CheckpointLayout.MANIFEST));
      for (Manifest.Content file : manifest.files()) {
        known.add(file.name());
        Optional<String> problem = sizeProblem(folder, items, file);
        if (problem.isPresent()) {
          problems.add(problem.get());
        } else {
          verify(folder, file, step, problems);
        }
      }
      for (String name : items.keySet()) {
        if (!known.contains(name)) {
          remarks.add(
              "%s is not in the manifest: it is left out."
                  .formatted(files.locate(folder + "/" + name)));
        }
      }
    } catch (IOException e) {
      problems.add(reason(e));
    }
  }

  private void verify(String folder, Manifest.Content file, long step, List<String> problems) {
    try {
      if (file.name().equals(CheckpointLayout.STATE)) {
        CheckpointState unused = state(folder, file, step, true);
      } else {
        checked(
            folder,
            file,
            true,
            (in, origin) -> {
              Safetensors.check(in, file.bytes(), origin);
              return file;
            });
      }
    } catch (IOException e) {
      problems.add(reason(e));
    }
  }

  /** What of a failure to tell. */
  static String reason(IOException failure) {
    boolean isOurs =
        failure instanceof CheckpointException || failure instanceof ModelFileException;
    return isOurs ? failure.getMessage() : failure.toString();
  }

  private interface Parsing<T> {
    T from(InputStream in, String origin) throws IOException;
  }

  /**
   * Reads a file while summing it. A wrong sum explains whatever its content was refused for, so it
   * is what is told.
   */
  private <T> T checked(String folder, Manifest.Content file, boolean withSha, Parsing<T> parsing)
      throws IOException {
    String path = folder + "/" + file.name();
    String origin = files.locate(path);
    Checksums sums = new Checksums(withSha);
    try (InputStream raw = files.open(path)) {
      InputStream in = sums.over(raw);
      T parsed = null;
      IOException refused = null;
      try {
        parsed = parsing.from(in, origin);
      } catch (CheckpointException | ModelFileException e) {
        refused = e;
      }
      sums.drain(in, file.bytes());
      compare(origin, file, sums, withSha);
      if (refused != null) {
        throw refused;
      }
      return parsed;
    }
  }

  private static void compare(String origin, Manifest.Content file, Checksums sums, boolean withSha)
      throws CheckpointException {
    if (sums.bytes() != file.bytes()) {
      throw new CheckpointException(
          "%s must have %d bytes: it ended, or went on, at %d."
              .formatted(origin, file.bytes(), sums.bytes()));
    }
    if (!sums.crc32c().equals(file.crc32c())) {
      throw new CheckpointException(
          "%s must have the CRC32C %s: it has %s. The file is damaged."
              .formatted(origin, file.crc32c(), sums.crc32c()));
    }
    if (withSha) {
      String sha256 = sums.sha256();
      if (!sha256.equals(file.sha256())) {
        throw new CheckpointException(
            "%s must have the SHA-256 %s: it has %s. The file was changed."
                .formatted(origin, file.sha256(), sha256));
      }
    }
  }
}
