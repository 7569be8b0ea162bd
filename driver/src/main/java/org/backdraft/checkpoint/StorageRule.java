package org.backdraft.checkpoint;

import java.util.Locale;

/** How a file comes to be whole or not there at all, by the kind of storage. */
enum StorageRule {
  /** This machine's disks: another name, synced, renamed, the folder synced. */
  LOCAL,
  /** Another name, synced as far as the storage can, renamed; the answer of rename is checked. */
  RENAME,
  /**
   * Written under its name at once. Where renaming is copying, as in object stores, it is neither
   * quick nor atomic; of storage that is not known nothing is asked but that what was closed can be
   * read. A checkpoint is whole all the same, since its marker is written last and holds a hash.
   */
  DIRECT;

  /**
   * @param scheme of the file system's address
   */
  static StorageRule of(String scheme) {
    return switch (scheme.toLowerCase(Locale.ROOT)) {
      case "file" -> LOCAL;
      case "hdfs", "webhdfs", "swebhdfs", "viewfs", "ofs", "o3fs" -> RENAME;
      default -> DIRECT;
    };
  }
}
