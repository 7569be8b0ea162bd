package org.backdraft.checkpoint;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.backdraft.data.HadoopSettings;
import org.backdraft.tensor.Checks;

/**
 * The checkpoints of a run, in a folder of any file system of Hadoop: {@code step-<12
 * digits>/attempt-<n>/} with a model file, further files of tensors, {@code state.json}, a manifest
 * of checksums, and a marker that is written last and deleted first. A crash at any moment leaves
 * every checkpoint either whole or marked as none.
 *
 * <p>File times are never looked at: newest is the highest step, and of one step the highest
 * attempt.
 *
 * <p>Threads: any; one operation at a time, so nothing is deleted while it is read here.
 *
 * <p>Source: {@code docs/checkpoints.md} describes format and guarantees.
 */
public final class CheckpointStore {
  /**
   * A folder of one step and attempt.
   *
   * @param bytes of all files in it
   * @param committed whether its marker is there and whole; only {@link #verify} knows if it is
   *     sound
   * @param metric {@link CheckpointState#METRIC}, where it was recorded and can be read
   * @param path its whole address
   */
  public record Entry(
      long step, int attempt, long bytes, boolean committed, OptionalDouble metric, String path) {
    String folder() {
      return CheckpointLayout.folder(step, attempt);
    }
  }

  /**
   * A checkpoint that was written.
   *
   * @param bytes of all its files
   * @param path its whole address
   */
  public record Written(long step, int attempt, long bytes, String path) {}

  /**
   * A checkpoint that was read and found sound.
   *
   * @param run that wrote it, empty if it did not say
   * @param model parameters and buffers
   * @param parts the further files by their names
   */
  public record Loaded(
      Entry entry,
      String run,
      CheckpointState state,
      TensorFile model,
      Map<String, TensorFile> parts) {
    public Loaded {
      parts = Map.copyOf(parts);
    }
  }

  /**
   * What a full check found.
   *
   * @param problems why the checkpoint cannot be trusted; empty if it can
   * @param remarks what is odd but harms nothing: a file that does not belong to it
   */
  public record Verification(Entry entry, List<String> problems, List<String> remarks) {
    public Verification {
      problems = List.copyOf(problems);
      remarks = List.copyOf(remarks);
    }

    /** Whether every check passed. */
    public boolean isSound() {
      return problems.isEmpty();
    }
  }

  private static final Comparator<Entry> NEWEST_FIRST =
      Comparator.comparingLong(Entry::step).thenComparingInt(Entry::attempt).reversed();

  private final StoreFiles files;
  private final CheckpointReader reader;
  private final CheckpointWriter writer;

  /** Folders that were read whole: they need no second look before others are deleted. */
  private final Set<String> read = new HashSet<>();

  private CheckpointLock lock;

  /** A store over given file operations. */
  CheckpointStore(StoreFiles files) {
    this.files = files;
    reader = new CheckpointReader(files);
    writer = new CheckpointWriter(files);
  }

  /**
   * Opens a folder of checkpoints, which need not exist yet: it is made when something is written.
   *
   * @param directory any path of Hadoop
   * @throws CheckpointException if it is no path
   */
  public static CheckpointStore open(String directory, HadoopSettings settings) throws IOException {
    return new CheckpointStore(files(directory, settings));
  }

  /**
   * Opens the checkpoints of a run that is there.
   *
   * @param runOrFolder a run's folder, or its folder of checkpoints
   * @throws CheckpointException if it is neither
   */
  public static CheckpointStore ofRun(String runOrFolder, HadoopSettings settings)
      throws IOException {
    StoreFiles given = files(runOrFolder, settings);
    boolean isStore = given.locate("").endsWith("/" + CheckpointLayout.FOLDER);
    for (StoreFiles.Item item : given.list("")) {
      if (item.name().equals(CheckpointLayout.FOLDER)) {
        return open(given.locate(CheckpointLayout.FOLDER), settings);
      }
      isStore |= CheckpointLayout.step(item.name()).isPresent();
    }
    if (!isStore || given.list("").isEmpty()) {
      throw new CheckpointException(
          "%s must be a run folder with %s in it, or that folder: found none."
              .formatted(given.locate(""), CheckpointLayout.FOLDER));
    }
    return new CheckpointStore(given);
  }

  private static StoreFiles files(String directory, HadoopSettings settings) throws IOException {
    try {
      Path path = new Path(directory);
      FileSystem fileSystem = path.getFileSystem(settings.configuration());
      Path whole = fileSystem.makeQualified(path);
      StorageRule rule = StorageRule.of(fileSystem.getUri().getScheme());
      return rule == StorageRule.LOCAL
          ? new LocalFiles(java.nio.file.Path.of(whole.toUri().getPath()))
          : new HadoopFiles(fileSystem, whole, rule);
    } catch (IllegalArgumentException e) {
      String reason = e instanceof InvalidPathException ? "no path" : "no location";
      throw new CheckpointException(
          "'%s' is %s for checkpoints: %s.".formatted(directory, reason, e.getMessage()), e);
    }
  }

  /** The folder's whole address. */
  public String location() {
    return files.locate("");
  }

  /**
   * Takes the right to write here for this driver, until the lock is closed. May wait 35 seconds,
   * to see whether an earlier process of the same run still lives.
   *
   * @param run names the run, the same after it is resumed
   * @throws CheckpointException if another driver has it
   */
  public CheckpointLock acquire(String run) throws IOException, InterruptedException {
    return acquire(run, duration -> Thread.sleep(duration.toMillis()));
  }

  CheckpointLock acquire(String run, CheckpointLock.Pause pause)
      throws IOException, InterruptedException {
    Checks.argument(!run.isBlank(), "The run must have a name to hold a lock: got none.");
    CheckpointLock taken = CheckpointLock.acquire(files, run, pause);
    synchronized (this) {
      lock = taken;
    }
    return taken;
  }

  /**
   * Writes a checkpoint and returns when it is as durable as the storage can make it. Blocking:
   * call it beside the training. Nothing half written is ever taken for a checkpoint; after an
   * error what was written is removed as far as that is possible, and older checkpoints stay as
   * they are.
   *
   * @param attempt of the gang, at least 0; see {@link #nextAttempt}
   * @throws CheckpointException if the storage does not take it, the folder of step and attempt
   *     holds a checkpoint already, or the lock taken by {@link #acquire} is another driver's by
   *     now
   */
  public synchronized Written write(Checkpoint checkpoint, int attempt) throws IOException {
    Checks.argument(attempt >= 0, "attempt must be at least 0: got %d.", attempt);
    String folder = CheckpointLayout.folder(checkpoint.state().step(), attempt);
    String path = files.locate(folder);
    try {
      String parent = committed(entries()).map(Entry::folder).orElse("");
      String run = lock == null ? "" : lock.run();
      long bytes = writer.write(checkpoint, attempt, run, parent, this::checkLock);
      return new Written(checkpoint.state().step(), attempt, bytes, path);
    } catch (CheckpointException e) {
      throw e;
    } catch (IOException e) {
      throw new CheckpointException(
          "Checkpoint %s cannot be written: %s. Those before it stay as they are. Look at the folder's free space, quota and permissions."
              .formatted(path, e.getMessage() == null ? e : e.getMessage()),
          e);
    }
  }

  private void checkLock() throws IOException {
    if (lock != null) {
      lock.check();
    }
  }

  private static Optional<Entry> committed(List<Entry> entries) {
    return entries.stream().filter(Entry::committed).findFirst();
  }

  /** One more than the highest attempt of any folder found: what a resumed run begins with. */
  public synchronized int nextAttempt() throws IOException {
    return entries().stream().mapToInt(entry -> entry.attempt() + 1).max().orElse(0);
  }

  /** All that is found, the newest step first, of one step the latest attempt; also unfinished. */
  public synchronized List<Entry> list() throws IOException {
    List<Entry> list = new ArrayList<>();
    for (Entry entry : entries()) {
      list.add(entry.committed() ? withMetric(entry) : entry);
    }
    return list;
  }

  private List<Entry> entries() throws IOException {
    List<Entry> entries = new ArrayList<>();
    for (StoreFiles.Item stepFolder : files.list("")) {
      Optional<Long> step = CheckpointLayout.step(stepFolder.name());
      if (step.isPresent() && stepFolder.kind() == StoreFiles.Kind.FOLDER) {
        for (StoreFiles.Item folder : files.list(stepFolder.name())) {
          Optional<Integer> attempt = CheckpointLayout.attempt(folder.name());
          if (attempt.isPresent() && folder.kind() == StoreFiles.Kind.FOLDER) {
            entries.add(entry(step.get(), attempt.get()));
          }
        }
      }
    }
    entries.sort(NEWEST_FIRST);
    return entries;
  }

  private Entry entry(long step, int attempt) throws IOException {
    String folder = CheckpointLayout.folder(step, attempt);
    long bytes = 0;
    boolean committed = false;
    for (StoreFiles.Item item : files.list(folder)) {
      bytes += item.bytes();
      committed |= CheckpointLayout.isMarker(item);
    }
    return new Entry(step, attempt, bytes, committed, OptionalDouble.empty(), files.locate(folder));
  }

  private Entry withMetric(Entry entry) {
    OptionalDouble metric = OptionalDouble.empty();
    try {
      Object value =
          reader
              .state(entry.folder(), entry.step(), entry.attempt())
              .details()
              .get(CheckpointState.METRIC);
      if (value instanceof Number number) {
        metric = OptionalDouble.of(number.doubleValue());
      }
    } catch (IOException e) {
      // A list is no check: what is wrong with it, verify tells.
      metric = OptionalDouble.empty();
    }
    return new Entry(
        entry.step(), entry.attempt(), entry.bytes(), entry.committed(), metric, entry.path());
  }

  /**
   * Loads the newest checkpoint that passes the checks of marker, manifest, sizes, CRC32C and form.
   *
   * @param warnings told which newer ones were passed over, and why
   * @return empty if there is none at all
   * @throws CheckpointException if there are some but none passes; it lists what is wrong with each
   */
  public synchronized Optional<Loaded> newestValid(Consumer<String> warnings) throws IOException {
    List<String> refused = new ArrayList<>();
    for (Entry entry : entries()) {
      if (!entry.committed()) {
        warnings.accept("Checkpoint %s was not finished: passed over.".formatted(entry.path()));
        continue;
      }
      try {
        return Optional.of(load(entry));
      } catch (IOException e) {
        String reason = CheckpointReader.reason(e);
        warnings.accept(
            "Checkpoint %s cannot be used, the one before it is tried: %s"
                .formatted(entry.path(), reason));
        refused.add(reason);
      }
    }
    if (!refused.isEmpty()) {
      throw new CheckpointException(
          "None of the %d checkpoints in %s can be used: %s To start anew, choose another folder."
              .formatted(refused.size(), location(), String.join(" ", refused)));
    }
    return Optional.empty();
  }

  /**
   * Loads one checkpoint, after the same checks.
   *
   * @throws IOException naming the first thing that is wrong
   */
  public synchronized Loaded load(Entry entry) throws IOException {
    CheckpointReader.Content content = reader.read(entry.folder(), entry.step(), entry.attempt());
    read.add(entry.folder());
    Map<String, TensorFile> parts = new LinkedHashMap<>(content.tensors());
    TensorFile model = parts.remove(CheckpointLayout.partOf(CheckpointLayout.MODEL));
    return new Loaded(entry, content.manifest().run(), content.state(), model, parts);
  }

  /** Makes every check, SHA-256 too, without keeping tensors in memory; finds all that is wrong. */
  public synchronized Verification verify(Entry entry) {
    List<String> problems = new ArrayList<>();
    List<String> remarks = new ArrayList<>();
    reader.verify(entry.folder(), entry.step(), entry.attempt(), problems, remarks);
    if (problems.isEmpty()) {
      read.add(entry.folder());
    }
    return new Verification(entry, problems, remarks);
  }

  /**
   * Removes what {@link #removable} names, markers first.
   *
   * @return what was removed
   */
  public synchronized List<Entry> prune(Retention retention) throws IOException {
    List<Entry> removable = removable(retention);
    for (Entry entry : removable) {
      writer.remove(entry.folder());
      read.remove(entry.folder());
    }
    return removable;
  }

  /**
   * What {@link #prune} would remove: sound checkpoints beyond those that are kept, and unfinished
   * ones of earlier attempts, or of earlier steps of the same attempt, than the newest sound one.
   * One of those that are kept is read whole first, so that the last good one is never removed.
   * Checkpoints that look damaged, or are of a newer format, neither count nor are removed.
   */
  public synchronized List<Entry> removable(Retention retention) throws IOException {
    List<Entry> sound = new ArrayList<>();
    List<Entry> unfinished = new ArrayList<>();
    for (Entry entry : list()) {
      if (!entry.committed()) {
        unfinished.add(entry);
      } else if (looksSound(entry)) {
        sound.add(entry);
      }
    }
    List<Entry> kept = new ArrayList<>(sound.subList(0, Math.min(retention.keep(), sound.size())));
    if (retention.keepBest()) {
      // The first of equals is the newest.
      sound.stream()
          .filter(entry -> entry.metric().isPresent())
          .reduce((one, two) -> two.metric().getAsDouble() > one.metric().getAsDouble() ? two : one)
          .ifPresent(kept::add);
    }
    Optional<Entry> good = firstGood(kept).or(() -> firstGood(sound));
    if (good.isEmpty()) {
      return List.of();
    }
    kept.add(good.get());
    List<Entry> removable = new ArrayList<>(sound);
    removable.removeAll(kept);
    for (Entry entry : unfinished) {
      if (entry.attempt() < good.get().attempt()
          || (entry.attempt() == good.get().attempt() && entry.step() < good.get().step())) {
        removable.add(entry);
      }
    }
    removable.sort(NEWEST_FIRST.reversed());
    return removable;
  }

  private boolean looksSound(Entry entry) {
    try {
      reader.manifest(entry.folder(), entry.step(), entry.attempt());
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private Optional<Entry> firstGood(List<Entry> entries) {
    for (Entry entry : entries) {
      if (read.contains(entry.folder()) || verify(entry).isSound()) {
        return Optional.of(entry);
      }
    }
    return Optional.empty();
  }
}
