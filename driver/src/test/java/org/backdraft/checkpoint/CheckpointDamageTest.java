package org.backdraft.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.backdraft.data.DamagedBytes;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What happens to the newest checkpoint must be noticed, and the one before it used. */
class CheckpointDamageTest {
  private static final int PARTS = 16;

  @TempDir Path folder;

  private Path newest;
  private CheckpointStore store;
  private final List<String> warnings = new ArrayList<>();

  @BeforeEach
  void writeTwo() throws IOException {
    store = new CheckpointStore(FaultyFiles.none(new LocalFiles(folder)));
    store.write(Checkpoints.of(100), 1);
    store.write(Checkpoints.of(200), 1);
    newest = folder.resolve("step-000000000200/attempt-1");
  }

  private void expectTheOneBefore(String... inTheWarning) throws IOException {
    warnings.clear();
    CheckpointStore.Loaded loaded = store.newestValid(warnings::add).orElseThrow();
    assertThat(Checkpoints.content(loaded)).isEqualTo(Checkpoints.content(Checkpoints.of(100)));
    assertThat(warnings).hasSize(1);
    assertThat(warnings.get(0)).contains(newest.toString());
    for (String words : inTheWarning) {
      assertThat(warnings.get(0)).contains(words);
    }
    CheckpointStore.Entry entry = store.list().get(0);
    if (entry.committed()) {
      assertThat(store.verify(entry).isSound()).as(warnings.get(0)).isFalse();
    }
  }

  private static Stream<String> names() {
    return Stream.of(
        "model.safetensors",
        "optimizer.safetensors",
        "rank-00003.safetensors",
        "state.json",
        "MANIFEST.json",
        "_COMMIT");
  }

  @ParameterizedTest
  @MethodSource("names")
  void everyTruncationIsNoticed(String name) throws IOException {
    byte[] whole = Files.readAllBytes(newest.resolve(name));
    for (int i = 0; i < PARTS; i++) {
      Files.write(newest.resolve(name), Arrays.copyOf(whole, whole.length * i / PARTS));
      expectTheOneBefore();
    }
    Files.write(newest.resolve(name), Arrays.copyOf(whole, whole.length + 1));
    expectTheOneBefore();
  }

  @ParameterizedTest
  @MethodSource("names")
  void everyFlippedBitIsNoticed(String name) throws IOException {
    byte[] whole = Files.readAllBytes(newest.resolve(name));
    for (int i = 0; i < PARTS; i++) {
      byte[] flipped = whole.clone();
      flipped[whole.length * i / PARTS] ^= (byte) (1 << (i % 8));
      Files.write(newest.resolve(name), flipped);
      if (name.endsWith(".safetensors") || name.equals("state.json")) {
        // Also where the form is damaged the sum is what is told.
        expectTheOneBefore(name, "CRC32C");
      } else {
        expectTheOneBefore();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void everyMissingFileIsNoticed(String name) throws IOException {
    Files.delete(newest.resolve(name));
    if (name.equals("_COMMIT")) {
      expectTheOneBefore("was not finished");
    } else {
      expectTheOneBefore(name, "is missing");
    }
  }

  @Test
  void aFileThatDoesNotBelongHarmsNothingAndIsRemarkedOn() throws IOException {
    Files.copy(newest.resolve("rank-00003.safetensors"), newest.resolve("rank-00004.safetensors"));
    assertThat(store.newestValid(warnings::add).orElseThrow().parts())
        .containsOnlyKeys("optimizer", "rank-00003");
    CheckpointStore.Verification verification = store.verify(store.list().get(0));
    assertThat(verification.isSound()).isTrue();
    assertThat(verification.remarks()).singleElement().asString().contains("rank-00004");
  }

  @Test
  void aManifestOfAnotherStepIsRefusedThoughItsMarkerFits() throws IOException {
    Path before = folder.resolve("step-000000000100/attempt-1");
    for (String name : List.of("MANIFEST.json", "_COMMIT")) {
      Files.delete(newest.resolve(name));
      Files.copy(before.resolve(name), newest.resolve(name));
    }
    expectTheOneBefore("must be of step 200", "it is of step 100");
  }

  @Test
  void aCopyOfAWholeCheckpointUnderAnotherStepIsRefused() throws IOException {
    Path before = folder.resolve("step-000000000100/attempt-1");
    for (String name : names().toList()) {
      Files.delete(newest.resolve(name));
      Files.copy(before.resolve(name), newest.resolve(name));
    }
    expectTheOneBefore("must be of step 200", "it is of step 100");
  }

  private void sealWith(String manifest) throws IOException {
    byte[] bytes = manifest.getBytes(StandardCharsets.UTF_8);
    Files.write(newest.resolve("MANIFEST.json"), bytes);
    Files.writeString(newest.resolve("_COMMIT"), Checksums.sha256(bytes) + "\n");
  }

  private String manifest() throws IOException {
    return Files.readString(newest.resolve("MANIFEST.json"));
  }

  @Test
  void aNewerFormatIsNamedWithWhatToDo() throws IOException {
    sealWith(manifest().replace("\"format\" : 1", "\"format\" : 3, \"meaning\" : {}"));
    expectTheOneBefore("written by format 3", "reads format 1", "Use the Backdraft that wrote it");
    assertThat(store.prune(new Retention(1, false))).isEmpty();
    assertThat(newest.resolve("_COMMIT")).exists();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../step-000000000100/attempt-1/optimizer.safetensors",
        "/etc/passwd",
        "..",
        "a/optimizer.safetensors",
        "a\\\\optimizer.safetensors",
        "Optimizer.safetensors",
        "optimizer.safetensors\\u0000",
        "MANIFEST.json",
        "_COMMIT",
        "",
        ".optimizer.safetensors"
      })
  void namesThatAreNotOfTheFolderAreRefused(String name) throws IOException {
    sealWith(manifest().replace("optimizer.safetensors", name));
    expectTheOneBefore("MANIFEST.json: may list");
  }

  static Stream<Arguments> manifests() {
    return Stream.of(
        arguments("[]", "must be a JSON object"),
        arguments("", "must be a JSON object"),
        arguments("{\"format\":1,\"format\":1}", "Duplicate"),
        arguments("{\"format\":1} {}", "nothing may follow"),
        arguments("{\"format\":\"1\"}", "'format' must be a Long"),
        arguments("{\"format\":-1}", "'format' must lie in"),
        arguments("{\"format\":99999999999999999999}", "2^63"),
        arguments("{\"format\":1e999}", "finite"),
        arguments("{\"format\":NaN}", "must be JSON"),
        arguments("{\"format\":null}", "must have a value"),
        arguments("{\"format\":1}", "'files' must be a List"),
        arguments("{\"format\":1,\"files\":[7]}", "must be objects"),
        arguments("{\"format\":1,\"files\":[]}", "must list model.safetensors"),
        arguments("{\"a\":" + "[".repeat(10_000) + "]".repeat(10_000) + "}", "nesting depth"),
        arguments("{\"format\":" + "1".repeat(1000) + "}", "must be JSON"));
  }

  @ParameterizedTest
  @MethodSource
  void manifests(String manifest, String inTheWarning) throws IOException {
    sealWith(manifest);
    expectTheOneBefore(inTheWarning);
  }

  @Test
  void manifestsThatAreNoUtf8OrTooLongAreRefused() throws IOException {
    byte[] bytes = {'{', '"', (byte) 0xc3, '"', ':', '1', '}'};
    Files.write(newest.resolve("MANIFEST.json"), bytes);
    Files.writeString(newest.resolve("_COMMIT"), Checksums.sha256(bytes) + "\n");
    expectTheOneBefore("must be UTF-8");
    Files.write(newest.resolve("MANIFEST.json"), new byte[StrictJson.MOST_BYTES + 1]);
    expectTheOneBefore("may have at most");
  }

  @Test
  void aFileListedTwiceIsRefused() throws IOException {
    sealWith(manifest().replace("rank-00003", "optimizer"));
    expectTheOneBefore("'optimizer.safetensors' is listed twice");
  }

  @Test
  void aChangedFileWithTheRightCrcIsFoundByVerify() throws IOException {
    String manifest = manifest();
    int sha = manifest.lastIndexOf("\"sha256\" : \"") + 12;
    char other = manifest.charAt(sha) == '0' ? '1' : '0';
    sealWith(manifest.substring(0, sha) + other + manifest.substring(sha + 1));
    assertThat(store.verify(store.list().get(0)).problems())
        .singleElement()
        .asString()
        .contains("state.json", "SHA-256");
  }

  @Test
  void aLinkInPlaceOfAFileIsRefused() throws IOException {
    Path elsewhere = folder.resolve("elsewhere");
    Files.move(newest.resolve("optimizer.safetensors"), elsewhere);
    Files.createSymbolicLink(newest.resolve("optimizer.safetensors"), elsewhere);
    expectTheOneBefore("optimizer.safetensors", "must be a plain file");
    assertThatThrownBy(
            () ->
                new LocalFiles(folder)
                    .open("step-000000000200/attempt-1/optimizer.safetensors")
                    .close())
        .isInstanceOf(IOException.class);
  }

  @Test
  void foldersThatLeadAwayAreNeitherReadNorEmptied(@TempDir Path other) throws IOException {
    CheckpointStore away = new CheckpointStore(new LocalFiles(other));
    away.write(Checkpoints.of(50), 1);
    Files.createSymbolicLink(
        folder.resolve("step-000000000050"), other.resolve("step-000000000050"));
    assertThat(store.list().stream().map(CheckpointStore.Entry::step)).containsExactly(200L, 100L);
    store.prune(new Retention(1, false));
    assertThat(away.list()).hasSize(1);
    LocalFiles files = new LocalFiles(folder);
    assertThatThrownBy(() -> files.list("step-000000000050"))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("is a link to");
    assertThatThrownBy(
            () -> files.delete("step-000000000050/attempt-1/_COMMIT".replace("1/_", "1/")))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> files.open("../x")).isInstanceOf(IOException.class);
  }

  @Test
  void allDamagedIsAnErrorThatListsEachReason() throws IOException {
    Files.delete(newest.resolve("state.json"));
    Files.delete(folder.resolve("step-000000000100/attempt-1/model.safetensors"));
    assertThatThrownBy(() -> store.newestValid(warnings::add))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("None of the 2 checkpoints")
        .hasMessageContaining("state.json is missing")
        .hasMessageContaining("model.safetensors is missing");
    assertThat(store.prune(new Retention(1, true))).isEmpty();
  }

  @Test
  void fileTimesDecideNothing() throws IOException {
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.toList()) {
        boolean isOld = path.toString().contains("200");
        Files.setLastModifiedTime(path, FileTime.fromMillis(isOld ? 0 : 4_000_000_000_000L));
      }
    }
    assertThat(store.newestValid(warnings::add).orElseThrow().state().step()).isEqualTo(200);
    assertThat(store.prune(new Retention(1, false)).get(0).step()).isEqualTo(100);
  }

  @Test
  void randomDamageOfSealedManifestsAndStatesOnlyEverRaisesOurErrors() throws IOException {
    byte[] manifest = Files.readAllBytes(newest.resolve("MANIFEST.json"));
    byte[] state = Files.readAllBytes(newest.resolve("state.json"));
    long seed = Long.getLong("tests.seed", 20261127);
    Random random = new Random(seed);
    for (int i = 0; i < 5000; i++) {
      try {
        Manifest.parse(DamagedBytes.of(manifest, 60, random), "manifest");
        StateFile.parse(DamagedBytes.of(state, 60, random), "state");
      } catch (CheckpointException e) {
        assertThat(e.getMessage())
            .as("seed %d, case %d", seed, i)
            .containsAnyOf("manifest", "state");
      }
    }
  }
}
