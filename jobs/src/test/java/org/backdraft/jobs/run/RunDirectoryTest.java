package org.backdraft.jobs.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import org.backdraft.driver.failure.ConfigurationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RunDirectoryTest {
  private static final LocalDateTime NOON = LocalDateTime.of(2026, 11, 24, 12, 0, 1);

  @TempDir Path folder;

  @Test
  void timedFoldersAreNamedAfterTimeAndRunAndNeverShared() throws Exception {
    RunDirectory first = RunDirectory.timed(folder, NOON, "my net/2");
    RunDirectory second = RunDirectory.timed(folder, NOON, "my net/2");
    assertThat(first.path()).isEqualTo(folder.resolve("2026-11-24_120001-my-net-2"));
    assertThat(second.path()).isEqualTo(folder.resolve("2026-11-24_120001-my-net-2-2"));
  }

  @Test
  void latestNamesTheRunThatSaysSo() throws Exception {
    RunDirectory finished = RunDirectory.timed(folder, NOON, "net");
    finished.linkLatest();
    RunDirectory unused = RunDirectory.timed(folder, NOON, "net");
    assertThat(folder.resolve("latest")).isSymbolicLink();
    assertThat(Files.isSameFile(folder.resolve("latest"), finished.path())).isTrue();
    assertThat(unused.path()).isNotEqualTo(finished.path());
  }

  @Test
  void folderThatHoldsARunIsRefused() throws Exception {
    RunDirectory.at(folder.resolve("a")).write(RunDirectory.SUMMARY, "{}");
    assertThatThrownBy(() -> RunDirectory.at(folder.resolve("a")))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("summary.json");
  }

  @Test
  void folderThatCannotBeMadeIsRefusedWithItsPath() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "");
    assertThatThrownBy(() -> RunDirectory.at(file.resolve("run")))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("--out")
        .hasMessageContaining(file.resolve("run").toString());
  }

  @Test
  void writtenFilesReplaceOlderOnesAndLeaveNothingElse() throws Exception {
    RunDirectory run = RunDirectory.at(folder.resolve("a"));
    run.write("summary.json", "old");
    run.write("summary.json", "new");
    assertThat(run.file("summary.json")).hasContent("new");
    try (var files = Files.list(run.path())) {
      assertThat(files).hasSize(1);
    }
  }
}
