package org.backdraft.data;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** Folders and files on any file system of Hadoop, sorted by name, without hidden ones. */
final class FolderListing {
  private final String format;
  private final FileSystem files;
  private final Path folder;

  private FolderListing(String format, FileSystem files, Path folder) {
    this.format = format;
    this.files = files;
    this.folder = folder;
  }

  /**
   * Opens a folder.
   *
   * @param format of the URI, for messages
   * @throws DataException if there is none
   */
  static FolderListing open(String format, String location, HadoopSettings settings)
      throws IOException {
    if (location.isBlank()) {
      throw new DataException("%s: needs a folder: %1$s:DIR. Found none.".formatted(format));
    }
    try {
      Path path = new Path(location);
      FileSystem files = path.getFileSystem(settings.configuration());
      Path folder = files.makeQualified(path);
      if (!files.getFileStatus(folder).isDirectory()) {
        throw new DataException("%s: needs a folder: %s is a file.".formatted(format, folder));
      }
      return new FolderListing(format, files, folder);
    } catch (FileNotFoundException e) {
      throw new DataException(
          "%s: needs a folder: there is none at %s.".formatted(format, location), e);
    } catch (IllegalArgumentException e) {
      throw new DataException(
          "%s:%s is no location: %s.".formatted(format, location, e.getMessage()), e);
    }
  }

  Path path() {
    return folder;
  }

  /**
   * The folder of a split: {@code train} for training, {@code val}, {@code validation} or {@code
   * test} for others; this one where there is none.
   *
   * @throws DataException if there is none to validate on
   */
  FolderListing of(Split split) throws IOException {
    FolderListing own =
        split == Split.TRAIN ? firstOf("train") : firstOf("val", "validation", "test");
    if (own == null && split == Split.VALIDATION) {
      throw new DataException(
          "%s has no folder val, validation or test to validate on. Give --val, or hold out a part"
                  .formatted(folder)
              + " with data.validation=0.2.");
    }
    return own == null ? this : own;
  }

  /** The first of the named folders that is there, or null. */
  FolderListing firstOf(String... names) throws IOException {
    for (String name : names) {
      Path path = new Path(folder, name);
      if (files.exists(path) && files.getFileStatus(path).isDirectory()) {
        return new FolderListing(format, files, path);
      }
    }
    return null;
  }

  /** All folders in it. */
  List<FolderListing> folders() throws IOException {
    List<FolderListing> found = new ArrayList<>();
    for (FileStatus each : sorted()) {
      if (each.isDirectory()) {
        found.add(new FolderListing(format, files, each.getPath()));
      }
    }
    return found;
  }

  /** All files in it whose names end in one of {@code extensions}, in capitals or not. */
  List<FileStatus> files(String... extensions) throws IOException {
    List<FileStatus> found = new ArrayList<>();
    for (FileStatus each : sorted()) {
      String name = each.getPath().getName().toLowerCase(Locale.ROOT);
      for (String extension : extensions) {
        if (each.isFile() && name.endsWith("." + extension)) {
          found.add(each);
          break;
        }
      }
    }
    return found;
  }

  private List<FileStatus> sorted() throws IOException {
    List<FileStatus> all = new ArrayList<>(List.of(files.listStatus(folder)));
    all.removeIf(
        each ->
            each.getPath().getName().startsWith(".") || each.getPath().getName().startsWith("_"));
    all.sort(Comparator.comparing(each -> each.getPath().getName()));
    return all;
  }
}
