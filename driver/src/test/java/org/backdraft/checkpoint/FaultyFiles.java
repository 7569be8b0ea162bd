package org.backdraft.checkpoint;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Files whose n-th changing operation goes wrong, as when the process dies there (nothing after it
 * happens either) or as when the storage refuses that one. Forcing to the disk is counted, not
 * done: it takes most of the time and shows nothing here.
 */
final class FaultyFiles implements StoreFiles {
  /** What happens at the chosen operation. */
  enum Fault {
    /** It and all after it fail; half of what was to be written is. */
    CRASH,
    /** It alone fails, as on a full disk; half of what was to be written is. */
    NO_SPACE,
    /** It says no and nothing happens: renaming. */
    REFUSED
  }

  private final StoreFiles files;
  private final Fault fault;
  private final int at;
  private final List<String> operations = new ArrayList<>();
  private boolean dead;
  private boolean renames;

  /**
   * @param at operation to fail at, from 0; {@link Integer#MAX_VALUE} for none
   */
  FaultyFiles(StoreFiles files, Fault fault, int at) {
    this.files = files;
    this.fault = fault;
    this.at = at;
    renames = files.renames();
  }

  /** Nothing goes wrong. */
  static FaultyFiles none(StoreFiles files) {
    return new FaultyFiles(files, Fault.CRASH, Integer.MAX_VALUE);
  }

  /** The same files as if renaming them were no good. */
  FaultyFiles withoutRenaming() {
    renames = false;
    return this;
  }

  /** The changing operations so far. */
  List<String> operations() {
    return operations;
  }

  private boolean fails(String operation) {
    boolean hit = operations.size() == at;
    operations.add(operation);
    dead |= hit && fault == Fault.CRASH;
    return hit || dead;
  }

  private void maybeFail(String operation) throws IOException {
    if (fails(operation)) {
      throw failure();
    }
  }

  private IOException failure() {
    return new IOException(fault == Fault.NO_SPACE ? "No space left on device" : "died");
  }

  @Override
  public String locate(String name) {
    return files.locate(name);
  }

  @Override
  public boolean renames() {
    return renames;
  }

  @Override
  public void makeFolder(String name) throws IOException {
    maybeFail("make folder " + name);
    files.makeFolder(name);
  }

  @Override
  public NewFile create(String name) throws IOException {
    maybeFail("create " + name);
    NewFile file = files.create(name);
    return new NewFile() {
      @Override
      public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        boolean wasDead = dead;
        if (fails("write " + name)) {
          if (!wasDead) {
            file.write(bytes, offset, length / 2);
          }
          throw failure();
        }
        file.write(bytes, offset, length);
      }

      @Override
      void sync() throws IOException {
        maybeFail("sync " + name);
      }

      @Override
      public void close() throws IOException {
        file.close();
      }
    };
  }

  @Override
  public void replace(String name, byte[] content) throws IOException {
    files.replace(name, content);
  }

  @Override
  public boolean rename(String from, String to) throws IOException {
    if (fails("rename " + from)) {
      if (fault == Fault.REFUSED) {
        return false;
      }
      throw failure();
    }
    return files.rename(from, to);
  }

  @Override
  public void syncFolder(String name) throws IOException {
    maybeFail("sync folder " + name);
  }

  @Override
  public List<Item> list(String name) throws IOException {
    return files.list(name);
  }

  @Override
  public InputStream open(String name) throws IOException {
    return files.open(name);
  }

  @Override
  public void delete(String name) throws IOException {
    maybeFail("delete " + name);
    files.delete(name);
  }
}
