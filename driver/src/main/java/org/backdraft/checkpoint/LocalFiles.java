package org.backdraft.checkpoint;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/**
 * This machine's disks, past Hadoop, whose local file system neither syncs nor sets permissions and
 * puts a file of checksums beside each file. Files are for their owner alone.
 */
final class LocalFiles implements StoreFiles {
  private static final String VIEW = "posix";

  private final Path root;

  /**
   * @param root absolute; may not exist yet, and may be a link itself
   */
  LocalFiles(Path root) {
    this.root = root.normalize();
  }

  @Override
  public String locate(String name) {
    return root.resolve(name).toString();
  }

  @Override
  public boolean renames() {
    return true;
  }

  @Override
  public void makeFolder(String name) throws IOException {
    Path folder = root.resolve(name).normalize();
    if (Files.isDirectory(folder)) {
      contained(folder);
      return;
    }
    if (folder.equals(root)) {
      Files.createDirectories(root.getParent());
      Files.createDirectory(root, ownersOnly("rwx------"));
      sync(root.getParent());
    } else {
      makeFolder(root.relativize(folder.getParent()).toString());
      Files.createDirectory(folder, ownersOnly("rwx------"));
    }
  }

  @Override
  public NewFile create(String name) throws IOException {
    Path file = inside(name);
    FileChannel channel =
        FileChannel.open(
            file,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            ownersOnly("rw-------"));
    return new LocalFile(channel);
  }

  @Override
  public void replace(String name, byte[] content) throws IOException {
    Path file = inside(name);
    Path unfinished =
        file.resolveSibling(CheckpointLayout.unfinished(file.getFileName().toString()));
    Files.deleteIfExists(unfinished);
    Files.createFile(unfinished, ownersOnly("rw-------"));
    Files.write(unfinished, content);
    Files.move(
        unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  @Override
  public boolean rename(String from, String to) throws IOException {
    Files.move(inside(from), inside(to), StandardCopyOption.ATOMIC_MOVE);
    return true;
  }

  @Override
  public void syncFolder(String name) throws IOException {
    sync(contained(root.resolve(name).normalize()));
  }

  /** Elsewhere than on POSIX systems a folder cannot be opened, and need not. */
  private static void sync(Path folder) throws IOException {
    if (folder.getFileSystem().supportedFileAttributeViews().contains(VIEW)) {
      try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }

  @Override
  public List<Item> list(String name) throws IOException {
    Path folder = root.resolve(name).normalize();
    List<Item> items = new ArrayList<>();
    if (!Files.exists(folder)) {
      return items;
    }
    contained(folder);
    try (DirectoryStream<Path> paths = Files.newDirectoryStream(folder)) {
      for (Path path : paths) {
        add(items, path);
      }
    } catch (java.nio.file.DirectoryIteratorException e) {
      throw e.getCause();
    }
    items.sort(Comparator.comparing(Item::name));
    return items;
  }

  private static void add(List<Item> items, Path path) throws IOException {
    try {
      BasicFileAttributes attributes =
          Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      Kind kind =
          attributes.isRegularFile()
              ? Kind.FILE
              : attributes.isDirectory() ? Kind.FOLDER : Kind.OTHER;
      items.add(
          new Item(path.getFileName().toString(), kind, kind == Kind.FILE ? attributes.size() : 0));
    } catch (NoSuchFileException e) {
      // Deleted since the folder was read, by a run that tidies up: as if it had not been there.
      return;
    }
  }

  @Override
  public InputStream open(String name) throws IOException {
    return Files.newInputStream(inside(name), LinkOption.NOFOLLOW_LINKS);
  }

  @Override
  public void delete(String name) throws IOException {
    Files.deleteIfExists(inside(name));
  }

  /** A file whose folder lies below the root, links resolved. */
  private Path inside(String name) throws IOException {
    Path file = root.resolve(name).normalize();
    contained(file.equals(root) ? file : file.getParent());
    return file;
  }

  private Path contained(Path folder) throws IOException {
    if (Files.exists(folder) && !folder.toRealPath().startsWith(root.toRealPath())) {
      throw new CheckpointException(
          "%s must lie in %s: it is a link to %s.".formatted(folder, root, folder.toRealPath()));
    }
    return folder;
  }

  private FileAttribute<?>[] ownersOnly(String permissions) {
    return root.getFileSystem().supportedFileAttributeViews().contains(VIEW)
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
        }
        : new FileAttribute<?>[0];
  }

  private static final class LocalFile extends NewFile {
    private final FileChannel channel;
    private final OutputStream out;

    LocalFile(FileChannel channel) {
      this.channel = channel;
      out = Channels.newOutputStream(channel);
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
      channel.force(true);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
