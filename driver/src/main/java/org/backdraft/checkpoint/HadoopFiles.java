package org.backdraft.checkpoint;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileAlreadyExistsException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSDataOutputStreamBuilder;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.StreamCapabilities;

/** Storage that Hadoop reaches: HDFS with renaming, object stores without. */
final class HadoopFiles implements StoreFiles {
  private final FileSystem files;
  private final Path root;
  private final StorageRule rule;

  /**
   * @param root qualified
   */
  HadoopFiles(FileSystem files, Path root, StorageRule rule) {
    this.files = files;
    this.root = root;
    this.rule = rule;
  }

  private Path path(String name) {
    return name.isEmpty() ? root : new Path(root, name);
  }

  @Override
  public String locate(String name) {
    return path(name).toString();
  }

  @Override
  public boolean renames() {
    return rule != StorageRule.DIRECT;
  }

  @Override
  public void makeFolder(String name) throws IOException {
    if (!files.mkdirs(path(name))) {
      throw new CheckpointException("%s could not be made.".formatted(locate(name)));
    }
  }

  @Override
  public NewFile create(String name) throws IOException {
    FSDataOutputStreamBuilder<?, ?> builder = files.createFile(path(name));
    builder.overwrite(false);
    // S3A then asks the store itself to refuse a second writer.
    builder.opt(Options.CreateFileOptionKeys.FS_OPTION_CREATE_CONDITIONAL_OVERWRITE, true);
    return new HadoopFile(locate(name), builder.build());
  }

  @Override
  public void replace(String name, byte[] content) throws IOException {
    try (FSDataOutputStream out = files.create(path(name), true)) {
      out.write(content);
    }
  }

  @Override
  public boolean rename(String from, String to) throws IOException {
    return files.rename(path(from), path(to));
  }

  /** A name node keeps its names safe itself, as an object store does. */
  @Override
  public void syncFolder(String name) {}

  @Override
  public List<Item> list(String name) throws IOException {
    List<Item> items = new ArrayList<>();
    try {
      for (FileStatus status : files.listStatus(path(name))) {
        Kind kind =
            status.isSymlink() ? Kind.OTHER : status.isDirectory() ? Kind.FOLDER : Kind.FILE;
        items.add(
            new Item(status.getPath().getName(), kind, kind == Kind.FILE ? status.getLen() : 0));
      }
    } catch (FileNotFoundException e) {
      return List.of();
    }
    items.sort(Comparator.comparing(Item::name));
    return items;
  }

  @Override
  public InputStream open(String name) throws IOException {
    return files.open(path(name));
  }

  @Override
  public void delete(String name) throws IOException {
    // The answer is false where it is gone already.
    files.delete(path(name), false);
  }

  private static final class HadoopFile extends NewFile {
    /** S3A's, which is not on our path: the store has refused a second writer (412). */
    private static final String REFUSED = "org.apache.hadoop.fs.s3a.RemoteFileChangedException";

    private final String location;
    private final FSDataOutputStream out;

    HadoopFile(String location, FSDataOutputStream out) {
      this.location = location;
      this.out = out;
    }

    @Override
    public void write(int value) throws IOException {
      out.write(value);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
    }

    @Override
    void sync() throws IOException {
      if (out.hasCapability(StreamCapabilities.HSYNC)) {
        out.hsync();
      }
    }

    @Override
    public void close() throws IOException {
      try {
        out.close();
      } catch (IOException e) {
        if (!e.getClass().getName().equals(REFUSED)) {
          throw e;
        }
        FileAlreadyExistsException exists = new FileAlreadyExistsException(location);
        exists.initCause(e);
        throw exists;
      }
    }
  }
}
