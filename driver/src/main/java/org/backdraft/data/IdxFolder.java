package org.backdraft.data;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** The files of an {@code idx:} folder, by what their names say. */
final class IdxFolder {
  private static final int NAMED = 12;

  private final Path folder;
  private final FileSystem files;
  private final List<FileStatus> found;

  private IdxFolder(Path folder, FileSystem files, List<FileStatus> found) {
    this.folder = folder;
    this.files = files;
    this.found = found;
  }

  /**
   * @param location a folder on any file system of Hadoop
   */
  static IdxFolder list(String location, HadoopSettings settings) throws IOException {
    if (location.isBlank()) {
      throw new DataException("idx: needs a folder: idx:DIR. Found none.");
    }
    Path folder;
    FileSystem files;
    try {
      Path path = new Path(location);
      files = path.getFileSystem(settings.configuration());
      folder = files.makeQualified(path);
    } catch (IllegalArgumentException e) {
      throw new DataException("idx:%s is no location: %s.".formatted(location, e.getMessage()), e);
    }
    try {
      if (!files.getFileStatus(folder).isDirectory()) {
        throw new DataException(
            "idx: needs a folder with files such as train-images-idx3-ubyte: %s is a file."
                .formatted(folder));
      }
      List<FileStatus> found = new ArrayList<>(List.of(files.listStatus(folder)));
      found.sort(Comparator.comparing(status -> status.getPath().getName()));
      return new IdxFolder(folder, files, found);
    } catch (FileNotFoundException e) {
      throw new DataException("idx: needs a folder: there is none at %s.".formatted(folder), e);
    }
  }

  /** Whether there is a file of that prefix and one of the given kinds. */
  boolean has(String prefix, String... kinds) {
    return !named(prefix, kinds).isEmpty();
  }

  /**
   * The file whose name starts with {@code prefix} and has one of {@code kinds} ({@code idx1},
   * {@code idx3} …) in it; of a file and its compressed copy the file.
   */
  IdxFile open(String prefix, String... kinds) throws IOException {
    List<FileStatus> named = named(prefix, kinds);
    if (named.size() == 2 && isCopy(named.get(0), named.get(1))) {
      named.remove(1);
    }
    if (named.size() != 1) {
      throw new DataException(
          "%s must hold one file %s…%s… (.gz or not): found %s. The folder holds %s.%s"
              .formatted(
                  folder,
                  prefix,
                  String.join("|", kinds),
                  names(named),
                  names(found),
                  prefix.equals(IdxSource.TEST)
                      ? " Without a test split give --val, or hold out with data.validation=0.1."
                      : ""));
    }
    FileStatus status = named.get(0);
    String name = status.getPath().getName();
    for (String kind : kinds) {
      if (name.contains(kind)) {
        return IdxFile.open(files, status, kind.charAt(kind.length() - 1) - '0');
      }
    }
    throw new AssertionError(name);
  }

  private static boolean isCopy(FileStatus file, FileStatus compressed) {
    return compressed.getPath().getName().equals(file.getPath().getName() + ".gz");
  }

  private List<FileStatus> named(String prefix, String... kinds) {
    List<FileStatus> named = new ArrayList<>();
    for (FileStatus status : found) {
      String name = status.getPath().getName();
      for (String kind : kinds) {
        if (status.isFile() && name.startsWith(prefix) && name.contains(kind)) {
          named.add(status);
          break;
        }
      }
    }
    return named;
  }

  private static String names(List<FileStatus> statuses) {
    if (statuses.isEmpty()) {
      return "nothing";
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < Math.min(NAMED, statuses.size()); i++) {
      text.append(i == 0 ? "" : ", ").append(statuses.get(i).getPath().getName());
    }
    return text + (statuses.size() > NAMED ? ", …" : "");
  }
}
