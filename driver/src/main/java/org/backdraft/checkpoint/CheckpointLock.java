package org.backdraft.checkpoint;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.backdraft.concurrent.NamedThreadFactory;

/**
 * The right of one driver to write into a folder of checkpoints: a file that only one can make, and
 * a second one that the holder rewrites every {@link #BEAT}.
 *
 * <p>A lock of another run is never taken over. One of the same run is taken over when its process,
 * on this machine, is gone, or when its beat stood still for {@link #WATCH} of the watcher's own
 * clock; nobody's file times are believed. A holder that was only slow finds its token gone before
 * it publishes its next checkpoint, and publishes none.
 *
 * <p>Threads: any.
 */
public final class CheckpointLock implements AutoCloseable {
  /** How often the holder shows that it lives. */
  static final Duration BEAT = Duration.ofSeconds(10);

  /** How long a beat must stand still: more than three of them. */
  static final Duration WATCH = Duration.ofSeconds(35);

  private static final String BEAT_FILE = LockFile.NAME + ".beat";
  private static final int TOKEN_BYTES = 16;

  /** Waits; a test's own does not. */
  interface Pause {
    void of(Duration duration) throws InterruptedException;
  }

  private final StoreFiles files;
  private final LockFile mine;
  private final AtomicLong beats = new AtomicLong();
  private final ScheduledExecutorService beating;

  private CheckpointLock(StoreFiles files, LockFile mine) {
    this.files = files;
    this.mine = mine;
    beating = Executors.newSingleThreadScheduledExecutor(new NamedThreadFactory("checkpoint-lock"));
  }

  /**
   * Takes the lock, waiting up to {@link #WATCH} for that of an earlier process of this run.
   *
   * @throws CheckpointException if another driver has it
   */
  static CheckpointLock acquire(StoreFiles files, String run, Pause pause)
      throws IOException, InterruptedException {
    byte[] token = new byte[TOKEN_BYTES];
    new SecureRandom().nextBytes(token);
    LockFile mine = LockFile.ofThisProcess(run, HexFormat.of().formatHex(token));
    files.makeFolder("");
    if (!create(files, mine)) {
      takeOver(files, mine, pause);
    }
    CheckpointLock lock = new CheckpointLock(files, mine);
    // Its outcome is not needed: beat() throws nothing, and is ended by close().
    ScheduledFuture<?> unused =
        lock.beating.scheduleWithFixedDelay(lock::beat, 0, BEAT.toMillis(), TimeUnit.MILLISECONDS);
    return lock;
  }

  private static boolean create(StoreFiles files, LockFile mine) throws IOException {
    byte[] json = mine.toJson();
    try (StoreFiles.NewFile out = files.create(LockFile.NAME)) {
      out.write(json);
      out.sync();
      return true;
    } catch (FileAlreadyExistsException | org.apache.hadoop.fs.FileAlreadyExistsException e) {
      return false;
    }
  }

  private static void takeOver(StoreFiles files, LockFile mine, Pause pause)
      throws IOException, InterruptedException {
    LockFile held;
    try {
      held = LockFile.read(files);
    } catch (CheckpointException e) {
      throw new CheckpointException(
          "%s Another driver may be taking it now; if none is running, delete it."
              .formatted(e.getMessage()),
          e);
    }
    if (!held.run().equals(mine.run())) {
      throw new CheckpointException(
          "%s belongs to another run, '%s' (host %s, process %d): two runs must not write into one folder. Choose another folder; if that run has ended, delete %s."
              .formatted(
                  files.locate(""),
                  held.run(),
                  held.host(),
                  held.pid(),
                  files.locate(LockFile.NAME)));
    }
    if (!held.isOfTheDead()) {
      byte[] before = beatOf(files);
      pause.of(WATCH);
      if (!Arrays.equals(before, beatOf(files)) || !LockFile.read(files).equals(held)) {
        throw new CheckpointException(
            "%s is written by this very run's driver on host %s, process %d, which is alive. End it before the run is resumed."
                .formatted(files.locate(""), held.host(), held.pid()));
      }
    }
    files.delete(LockFile.NAME);
    if (!create(files, mine)) {
      throw new CheckpointException(
          "%s was taken by another driver at the same moment. Start one driver only."
              .formatted(files.locate(LockFile.NAME)));
    }
  }

  private static byte[] beatOf(StoreFiles files) throws IOException {
    try (InputStream in = files.open(BEAT_FILE)) {
      return in.readNBytes(1 << 10);
    } catch (NoSuchFileException | FileNotFoundException e) {
      return new byte[0];
    }
  }

  /** Shows that this driver lives, while the lock is its own. */
  void beat() {
    try {
      check();
      files.replace(
          BEAT_FILE,
          (mine.token() + " " + beats.incrementAndGet() + "\n").getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // Storage that does not answer now may at the next beat. Whether the lock is still held is
      // asked, and told, before a checkpoint is published.
      return;
    }
  }

  /**
   * Returns if the lock is still this driver's.
   *
   * @throws CheckpointException if another one took it
   */
  void check() throws IOException {
    LockFile held;
    try {
      held = LockFile.read(files);
    } catch (NoSuchFileException | FileNotFoundException e) {
      throw new CheckpointException(
          "%s was deleted while this run holds it: nothing more is written, since another run may write now."
              .formatted(files.locate(LockFile.NAME)),
          e);
    }
    if (!held.equals(mine)) {
      throw new CheckpointException(
          "%s was taken over by run '%s' (host %s, process %d): this driver was taken for dead and must write no more."
              .formatted(files.locate(LockFile.NAME), held.run(), held.host(), held.pid()));
    }
  }

  /** The run that holds it. */
  String run() {
    return mine.run();
  }

  /**
   * Gives the lock back, if it is still this driver's. Waits up to 10 seconds for a beat under way.
   */
  @Override
  public void close() throws IOException {
    endBeating();
    try {
      check();
    } catch (CheckpointException e) {
      // Another's by now: not ours to delete.
      return;
    }
    files.delete(BEAT_FILE);
    files.delete(LockFile.NAME);
  }

  /** A beat that is under way must not write its file behind us. */
  private void endBeating() {
    beating.shutdownNow();
    try {
      boolean unused = beating.awaitTermination(BEAT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
