package org.backdraft.jobs.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

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
    return data("mnist");
  }

  /** A folder of real data, if there is one of that name. */
  static Optional<Path> data(String name) {
    String dir = System.getProperty("backdraft.data.dir", "");
    return dir.isEmpty()
        ? Optional.empty()
        : Optional.of(Path.of(dir).toAbsolutePath().resolve(name)).filter(Files::isDirectory);
  }

  /**
   * The home of a JDK 25: -Dbackdraft.jdk25, else a neighbour of the running JDK, else where Linux
   * distributions put it.
   */
  static Optional<Path> jdk25() throws IOException {
    String home = System.getProperty("backdraft.jdk25", "");
    if (!home.isEmpty()) {
      return Optional.of(Path.of(home));
    }
    Path beside = Path.of(System.getProperty("java.home")).toRealPath().getParent();
    for (Path jvms : List.of(beside, Path.of("/usr/lib/jvm"))) {
      Optional<Path> found = jdk25In(jvms);
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  private static Optional<Path> jdk25In(Path jvms) throws IOException {
    if (!Files.isDirectory(jvms)) {
      return Optional.empty();
    }
    try (Stream<Path> homes = Files.list(jvms)) {
      return homes
          .filter(each -> each.getFileName().toString().matches(".*(^|[^0-9])25([^0-9].*|$)"))
          .filter(each -> Files.isExecutable(each.resolve("bin/java")))
          .sorted()
          .findFirst();
    }
  }

  /** Where Maven compiled a module's main or test classes. */
  static Path classes(String module, String kind) {
    return root().resolve(module).resolve("target").resolve(kind);
  }
}
