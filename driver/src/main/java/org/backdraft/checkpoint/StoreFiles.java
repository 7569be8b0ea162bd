package org.backdraft.checkpoint;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;

/**
 * The file operations that checkpoints need, below one folder, the root. Names are relative to it
 * with {@code /} between, come from {@link CheckpointLayout} or {@link #list}, and {@code ""} is
 * the root itself.
 */
interface StoreFiles {
  /** What is found in a folder. */
  enum Kind {
    FILE,
    FOLDER,
    /** A link or a device: never followed, read or deleted. */
    OTHER
  }

  /**
   * @param name without its folder
   * @param bytes of a file
   */
  record Item(String name, Kind kind, long bytes) {}

  /** A new file that can be forced to the disk. */
  abstract class NewFile extends OutputStream {
    /** Returns when what was written is as durable as the storage can make it. */
    abstract void sync() throws IOException;
  }

  /** The whole address, for messages and people. */
  String locate(String name);

  /** Whether files are written under another name first, then renamed. */
  boolean renames();

  /** Makes a folder and those above it, where the storage has folders; the root durably. */
  void makeFolder(String name) throws IOException;

  /**
   * A new file; its folder exists.
   *
   * @throws java.nio.file.FileAlreadyExistsException or Hadoop's if there is one; an object store
   *     may learn it at the end, and throw it when the file is closed
   */
  NewFile create(String name) throws IOException;

  /** Writes a small file whether it is there or not. */
  void replace(String name, byte[] content) throws IOException;

  /**
   * Atomic; {@code to} must not exist. Returns false where the storage refuses without a reason.
   */
  boolean rename(String from, String to) throws IOException;

  /** Makes the names in a folder durable. */
  void syncFolder(String name) throws IOException;

  /** All that is in a folder, sorted by name; nothing if there is no such folder. */
  List<Item> list(String name) throws IOException;

  /** The bytes of a plain file. */
  InputStream open(String name) throws IOException;

  /** Deletes a file or an empty folder; it may be gone already. */
  void delete(String name) throws IOException;
}
