package org.backdraft.checkpoint;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Writes and removes the folder of one checkpoint. The order of its operations is what keeps half
 * written checkpoints from being taken for whole ones: the marker comes last and goes first.
 */
final class CheckpointWriter {
  /** What comes into a file. */
  private interface Writing {
    void to(OutputStream out) throws IOException;
  }

  /** Asked just before the marker is written; throws if this run must not publish any more. */
  interface Fence {
    void check() throws IOException;
  }

  private final StoreFiles files;

  CheckpointWriter(StoreFiles files) {
    this.files = files;
  }

  /**
   * Writes a checkpoint. What an attempt of the same number left unfinished in its folder is
   * removed first; after an error what was written is removed as far as that is possible.
   *
   * @param run for the manifest
   * @param parent for the manifest
   * @return the bytes of all files
   */
  long write(Checkpoint checkpoint, int attempt, String run, String parent, Fence fence)
      throws IOException {
    long step = checkpoint.state().step();
    String folder = CheckpointLayout.folder(step, attempt);
    if (clear(folder)) {
      throw new CheckpointException(
          "%s holds a checkpoint already. Write it as a later attempt."
              .formatted(files.locate(folder)));
    }
    boolean done = false;
    try {
      files.makeFolder(folder);
      List<Manifest.Content> contents = contents(checkpoint, folder);
      byte[] manifest =
          new Manifest(step, attempt, run, parent, contents)
              .toJson(files.locate(folder + "/" + CheckpointLayout.MANIFEST));
      put(folder, CheckpointLayout.MANIFEST, out -> out.write(manifest));
      // All names must be on the disk before the marker is.
      files.syncFolder(folder);
      files.syncFolder(CheckpointLayout.stepFolder(step));
      files.syncFolder("");
      fence.check();
      byte[] marker = (Checksums.sha256(manifest) + "\n").getBytes(StandardCharsets.US_ASCII);
      put(folder, CheckpointLayout.COMMIT, out -> out.write(marker));
      files.syncFolder(folder);
      done = true;
      long bytes = manifest.length + (long) marker.length;
      for (Manifest.Content content : contents) {
        bytes += content.bytes();
      }
      return bytes;
    } finally {
      if (!done) {
        removeIfPossible(folder);
      }
    }
  }

  private List<Manifest.Content> contents(Checkpoint checkpoint, String folder) throws IOException {
    List<Manifest.Content> contents = new ArrayList<>();
    contents.add(
        put(
            folder,
            CheckpointLayout.MODEL,
            out -> Safetensors.write(out, checkpoint.model(), checkpoint.words())));
    for (Checkpoint.Part part : checkpoint.parts()) {
      contents.add(
          put(
              folder,
              CheckpointLayout.partFile(part.name()),
              out -> Safetensors.write(out, part.tensors(), Map.of())));
    }
    String origin = files.locate(folder + "/" + CheckpointLayout.STATE);
    byte[] state = StateFile.toJson(checkpoint.state(), origin);
    contents.add(put(folder, CheckpointLayout.STATE, out -> out.write(state)));
    return contents;
  }

  private Manifest.Content put(String folder, String name, Writing writing) throws IOException {
    String target = folder + "/" + name;
    String first = files.renames() ? folder + "/" + CheckpointLayout.unfinished(name) : target;
    Checksums sums = new Checksums(true);
    try (StoreFiles.NewFile out = files.create(first)) {
      writing.to(sums.over(out));
      out.sync();
    }
    if (files.renames() && !files.rename(first, target)) {
      throw new CheckpointException(
          "%s could not be renamed to %s: the storage does not say why. Look at its permissions and quotas."
              .formatted(files.locate(first), name));
    }
    return new Manifest.Content(name, sums.bytes(), sums.crc32c(), sums.sha256());
  }

  /** Removes what was left unfinished; returns true, and removes nothing, if it is a checkpoint. */
  private boolean clear(String folder) throws IOException {
    for (StoreFiles.Item item : files.list(folder)) {
      if (CheckpointLayout.isMarker(item)) {
        return true;
      }
    }
    remove(folder);
    return false;
  }

  private void removeIfPossible(String folder) {
    try {
      remove(folder);
    } catch (IOException e) {
      // The cause of the failure is on its way to the caller; what is left is no checkpoint and is
      // removed by a later clearing.
      return;
    }
  }

  /**
   * Removes a checkpoint's files, the marker first, then its folder and that of its step where
   * nothing else is in them.
   */
  void remove(String folder) throws IOException {
    List<StoreFiles.Item> items = files.list(folder);
    for (StoreFiles.Item item : items) {
      if (item.name().equals(CheckpointLayout.COMMIT) && item.kind() == StoreFiles.Kind.FILE) {
        files.delete(folder + "/" + item.name());
        files.syncFolder(folder);
      }
    }
    for (StoreFiles.Item item : items) {
      if (CheckpointLayout.isOurs(item.name())
          && !item.name().equals(CheckpointLayout.COMMIT)
          && item.kind() == StoreFiles.Kind.FILE) {
        files.delete(folder + "/" + item.name());
      }
    }
    removeFolderIfEmpty(folder);
    removeFolderIfEmpty(folder.substring(0, folder.indexOf('/')));
  }

  private void removeFolderIfEmpty(String folder) throws IOException {
    if (files.list(folder).isEmpty()) {
      files.delete(folder);
    }
  }
}
