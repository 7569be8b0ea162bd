package org.backdraft.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.backdraft.data.HadoopSettings;
import org.backdraft.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointStoreTest {
  @TempDir Path folder;

  private final List<String> warnings = new ArrayList<>();

  private CheckpointStore store() {
    return new CheckpointStore(FaultyFiles.none(new LocalFiles(folder.resolve("checkpoints"))));
  }

  /** As users get it: with the waiting for the disk. */
  private CheckpointStore opened() throws IOException {
    return CheckpointStore.open(
        folder.resolve("checkpoints").toString(), HadoopSettings.defaults());
  }

  private static List<String> names(List<CheckpointStore.Entry> entries) {
    return entries.stream().map(entry -> entry.step() + "/" + entry.attempt()).toList();
  }

  @Test
  void whatIsWrittenIsReadBitForBit() throws IOException {
    CheckpointStore.Written written = opened().write(Checkpoints.of(1200, 0.75), 3);
    CheckpointStore.Loaded loaded = opened().newestValid(warnings::add).orElseThrow();
    assertThat(Checkpoints.content(loaded))
        .isEqualTo(Checkpoints.content(Checkpoints.of(1200, 0.75)));
    assertThat(warnings).isEmpty();
    CheckpointStore.Entry entry = store().list().get(0);
    assertThat(entry.bytes()).isEqualTo(written.bytes()).isPositive();
    assertThat(entry.path())
        .isEqualTo(written.path())
        .endsWith("checkpoints/step-000000001200/attempt-3");
    assertThat(entry.metric()).hasValue(0.75);
    assertThat(store().verify(entry))
        .isEqualTo(new CheckpointStore.Verification(entry, List.of(), List.of()));
  }

  @Test
  void theModelIsAnOrdinaryModelFile() throws IOException {
    store().write(Checkpoints.of(7), 1);
    Path model = folder.resolve("checkpoints/step-000000000007/attempt-1/model.safetensors");
    TensorFile file =
        Safetensors.read(
            FileSystem.getLocal(new Configuration()), new org.apache.hadoop.fs.Path(model.toUri()));
    assertThat(file.tensors()).containsOnlyKeys("fc.weight", "fc.bias");
    assertThat(file.metadata()).isEqualTo(Map.of("format", "pt"));
  }

  @Test
  void aFolderThatIsNotThereHoldsNothing() throws IOException {
    assertThat(store().list()).isEmpty();
    assertThat(store().newestValid(warnings::add)).isEmpty();
    assertThat(store().prune(new Retention(1, true))).isEmpty();
    assertThat(store().nextAttempt()).isZero();
    assertThat(folder.resolve("checkpoints")).doesNotExist();
  }

  @Test
  void newestIsTheHighestStepAndOfItTheHighestAttempt() throws IOException {
    CheckpointStore store = store();
    store.write(Checkpoints.of(200), 2);
    store.write(Checkpoints.of(100), 9);
    store.write(Checkpoints.of(200), 10);
    assertThat(names(store.list())).containsExactly("200/10", "200/2", "100/9");
    assertThat(store.newestValid(warnings::add).orElseThrow().entry().attempt()).isEqualTo(10);
    assertThat(store.nextAttempt()).isEqualTo(11);
    Files.delete(folder.resolve("checkpoints/step-000000000200/attempt-10/state.json"));
    assertThat(store.newestValid(warnings::add).orElseThrow().entry().attempt()).isEqualTo(2);
  }

  @Test
  void theManifestNamesTheCheckpointBeforeAndTheRun() throws Exception {
    CheckpointStore store = store();
    store.write(Checkpoints.of(100), 1);
    try (CheckpointLock lock = store.acquire("run-7")) {
      lock.check();
      store.write(Checkpoints.of(200), 1);
    }
    assertThat(
            Files.readString(
                folder.resolve("checkpoints/step-000000000200/attempt-1/MANIFEST.json")))
        .contains("\"parent\" : \"step-000000000100/attempt-1\"", "\"run\" : \"run-7\"", "crc32c");
    assertThat(store.newestValid(warnings::add).orElseThrow().run()).isEqualTo("run-7");
  }

  @Test
  void aCheckpointIsNeverWrittenOver() throws IOException {
    CheckpointStore store = store();
    store.write(Checkpoints.of(100), 1);
    assertThatThrownBy(() -> store.write(Checkpoints.of(100), 1))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("holds a checkpoint already")
        .hasMessageContaining("later attempt");
    assertThat(store.newestValid(warnings::add)).isPresent();
  }

  @Test
  void filesAndFoldersAreForTheirOwnerAlone() throws IOException {
    opened().write(Checkpoints.of(100), 1);
    try (Stream<Path> paths = Files.walk(folder.resolve("checkpoints"))) {
      for (Path path : paths.toList()) {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
            .as(path.toString())
            .isEqualTo(Files.isDirectory(path) ? "rwx------" : "rw-------");
      }
    }
  }

  @Test
  void detailsComeBackAsTheyAreHeld() throws IOException {
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("word", "a \"ü\"\n");
    details.put("yes", true);
    details.put("long", Long.MIN_VALUE);
    details.put("int", 7);
    details.put("float", 0.1f);
    details.put("double", -0.0);
    details.put("least", Double.MIN_VALUE);
    details.put("list", List.of(1, List.of("x", 2.5)));
    CheckpointState state = new CheckpointState(5, 0, 5, 1, "c", "w", details);
    assertThat(state.details()).containsEntry("int", 7L).containsEntry("float", (double) 0.1f);
    store().write(new Checkpoint(state, List.of(), List.of()), 0);
    assertThat(store().newestValid(warnings::add).orElseThrow().state()).isEqualTo(state);
  }

  @Test
  void whatCannotBeRestoredIsRefusedBeforeItIsWritten() {
    for (Object value : new Object[] {Double.NaN, new Object(), Map.of(), 1e10 / 0}) {
      assertThatThrownBy(() -> Checkpoints.state(1, Map.of("x", value)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("'x'");
    }
    assertThatThrownBy(() -> Checkpoints.state(1_000_000_000_000L, Map.of()))
        .hasMessageContaining("step must lie in");
    for (String name : List.of("model", "", "../x", "Rank", "a.b", "1", "x".repeat(101))) {
      assertThatThrownBy(() -> new Checkpoint.Part(name, List.of())).hasMessageContaining("name");
    }
    Checkpoint.Part part = new Checkpoint.Part("optimizer", List.of());
    assertThatThrownBy(
            () -> new Checkpoint(Checkpoints.state(1, Map.of()), List.of(), List.of(part, part)))
        .hasMessageContaining("'optimizer' twice");
  }

  @Test
  void aModelThatCannotBeWrittenLeavesNothing() throws IOException {
    NamedTensor tensor = new NamedTensor("a", Shape.of(1), new float[1]);
    Checkpoint twice =
        new Checkpoint(Checkpoints.state(1, Map.of()), List.of(tensor, tensor), List.of());
    CheckpointStore store = store();
    assertThatThrownBy(() -> store.write(twice, 1)).isInstanceOf(IllegalArgumentException.class);
    assertThat(store.list()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "1, false, 500",
    "1, true, 500 200",
    "2, true, 500 400 200",
    "4, true, 500 400 300 200",
    "9, false, 500 400 300 200 100"
  })
  void theNewestAndTheBestStay(int keep, boolean best, String stay) throws IOException {
    CheckpointStore store = store();
    double[] accuracies = {0.5, 0.9, 0.9 - 1e-12, 0.2, 0.3};
    for (int i = 0; i < accuracies.length; i++) {
      store.write(Checkpoints.of(100L * (i + 1), accuracies[i]), 1);
    }
    List<CheckpointStore.Entry> announced = store.removable(new Retention(keep, best));
    assertThat(store.prune(new Retention(keep, best))).isEqualTo(announced);
    assertThat(store.list().stream().map(entry -> Long.toString(entry.step())))
        .containsExactly(stay.split(" "));
    assertThat(store.removable(new Retention(keep, best))).isEmpty();
  }

  @Test
  void theLastGoodOneStaysWhateverIsNewer() throws IOException {
    CheckpointStore store = store();
    for (long step = 100; step <= 400; step += 100) {
      store.write(Checkpoints.of(step), 1);
    }
    for (int step = 300; step <= 400; step += 100) {
      // Of the right size, so only reading finds it.
      Path model =
          folder.resolve("checkpoints/step-000000000" + step + "/attempt-1/model.safetensors");
      byte[] bytes = Files.readAllBytes(model);
      bytes[bytes.length - 1] ^= 1;
      Files.write(model, bytes);
    }
    assertThat(names(store.prune(new Retention(1, false)))).containsExactly("100/1", "300/1");
    assertThat(names(store.list())).containsExactly("400/1", "200/1");
    assertThat(store.newestValid(warnings::add).orElseThrow().state().step()).isEqualTo(200);
  }

  @Test
  void unfinishedOnesThatMayBeInTheMakingStay() throws IOException {
    CheckpointStore store = store();
    store.write(Checkpoints.of(200), 2);
    for (String name :
        List.of("100/attempt-2", "300/attempt-1", "300/attempt-2", "100/attempt-3")) {
      Path unfinished = folder.resolve("checkpoints/step-000000000" + name);
      Files.createDirectories(unfinished);
      Files.writeString(unfinished.resolve(".model.safetensors.unfinished"), "half");
    }
    assertThat(names(store.prune(new Retention(1, false)))).containsExactly("100/2", "300/1");
    assertThat(names(store.list())).containsExactly("300/2", "200/2", "100/3");
  }

  @Test
  void onlyFilesThatAreOursAreDeleted() throws IOException {
    CheckpointStore store = store();
    store.write(Checkpoints.of(100), 1);
    store.write(Checkpoints.of(200), 1);
    Path note = folder.resolve("checkpoints/step-000000000100/attempt-1/NOTE.txt");
    Files.writeString(note, "mine");
    Path stranger = folder.resolve("checkpoints/step-100/attempt-1/model.safetensors");
    Files.createDirectories(stranger.getParent());
    Files.writeString(stranger, "mine");
    store.prune(new Retention(1, false));
    assertThat(note).exists();
    assertThat(stranger).exists();
    try (Stream<Path> left = Files.list(note.getParent())) {
      assertThat(left).containsExactly(note);
    }
  }

  @Test
  void aFolderThatCannotBeMadeIsNamed() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    CheckpointStore store =
        CheckpointStore.open(file.resolve("checkpoints").toString(), HadoopSettings.defaults());
    assertThatThrownBy(() -> store.write(Checkpoints.of(1), 1))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("permissions");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "checkpoints"})
  void aRunIsFoundByItsFolderOrThatOfItsCheckpoints(String name) throws IOException {
    store().write(Checkpoints.of(1), 1);
    assertThat(
            CheckpointStore.ofRun(folder.resolve(name).toString(), HadoopSettings.defaults())
                .list())
        .hasSize(1);
    assertThat(
            CheckpointStore.ofRun(
                    folder.resolve(name).toUri().toString(), HadoopSettings.defaults())
                .list())
        .hasSize(1);
  }

  @Test
  void whatIsNoRunIsRefused() throws IOException {
    Files.createDirectories(folder.resolve("empty"));
    for (String name : List.of("empty", "none", "checkpoints")) {
      assertThatThrownBy(
              () ->
                  CheckpointStore.ofRun(folder.resolve(name).toString(), HadoopSettings.defaults()))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("must be a run folder");
    }
    assertThatThrownBy(() -> CheckpointStore.open("", HadoopSettings.defaults()))
        .isInstanceOf(CheckpointException.class);
    assertThatThrownBy(
            () -> CheckpointStore.open("no-such-scheme://x/y", HadoopSettings.defaults()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no-such-scheme");
  }

  @ParameterizedTest
  @EnumSource(
      value = StorageRule.class,
      names = {"RENAME", "DIRECT"})
  void storageOfHadoopTakesThemToo(StorageRule rule) throws IOException {
    RawLocalFileSystem raw = new RawLocalFileSystem();
    raw.initialize(URI.create("file:///"), new Configuration(false));
    HadoopFiles files =
        new HadoopFiles(raw, new org.apache.hadoop.fs.Path(folder.resolve("h").toUri()), rule);
    CheckpointStore store = new CheckpointStore(files);
    assertThat(store.list()).isEmpty();
    store.write(Checkpoints.of(100), 1);
    store.write(Checkpoints.of(200), 1);
    assertThat(Checkpoints.content(store.newestValid(warnings::add).orElseThrow()))
        .isEqualTo(Checkpoints.content(Checkpoints.of(200)));
    assertThat(names(store.prune(new Retention(1, false)))).containsExactly("100/1");
    assertThat(store.verify(store.list().get(0)).isSound()).isTrue();
    assertThatThrownBy(() -> files.create("step-000000000200/attempt-1/_COMMIT"))
        .isInstanceOf(IOException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "file, LOCAL",
    "hdfs, RENAME",
    "viewfs, RENAME",
    "ofs, RENAME",
    "s3a, DIRECT",
    "gs, DIRECT",
    "abfss, DIRECT",
    "what, DIRECT",
    "FILE, LOCAL"
  })
  void theSchemeChoosesTheRule(String scheme, StorageRule rule) {
    assertThat(StorageRule.of(scheme)).isEqualTo(rule);
  }
}
