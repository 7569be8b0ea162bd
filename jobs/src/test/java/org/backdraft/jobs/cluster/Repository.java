package org.backdraft.jobs.cluster;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Where the parts of the checkout lie that the process tests use. */
final class Repository {
  private Repository() {}

  static Path root() {
    String root = System.getProperty("backdraft.root");
    if (root == null) {
      throw new IllegalStateException("Set -Dbackdraft.root to the checkout; Maven does.");
    }
    return Path.of(root);
  }

  static Path jar() {
    return root().resolve("jobs/target/backdraft.jar");
  }

  static Path backdraft() {
    return root().resolve("bin/backdraft");
  }

  static Path clusterScript() {
    return root().resolve("deploy/standalone/cluster.sh");
  }

  /** MNIST as IDX files, where -Dbackdraft.data.dir has it. */
  static Optional<Path> mnist() {
    String dir = System.getProperty("backdraft.data.dir", "");
    return dir.isEmpty()
        ? Optional.empty()
        : Optional.of(Path.of(dir).toAbsolutePath().resolve("mnist")).filter(Files::isDirectory);
  }

  /** A JDK 25 beside the running one: -Dbackdraft.jdk25, else where Linux distributions put it. */
  static Optional<Path> jdk25() {
    String home = System.getProperty("backdraft.jdk25", "");
    if (!home.isEmpty()) {
      return Optional.of(Path.of(home));
    }
    Path jvms = Path.of("/usr/lib/jvm");
    if (!Files.isDirectory(jvms)) {
      return Optional.empty();
    }
    try (var homes = Files.list(jvms)) {
      return homes
          .filter(each -> each.getFileName().toString().matches(".*(^|[^0-9])25([^0-9].*|$)"))
          .filter(each -> Files.isExecutable(each.resolve("bin/java")))
          .findFirst();
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
