package org.backdraft.jobs.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;

/** A Master and Workers as separate JVMs, by the script that users have. */
final class StandaloneCluster implements AutoCloseable {
  private static final Duration SCRIPT_TIMEOUT = Duration.ofSeconds(150);

  private final Path state;
  private final Map<String, String> environment = new HashMap<>();
  private final List<String> prefix;
  private final int workers;

  /** Workers of equal size. */
  StandaloneCluster(Path state, Map<String, String> environment, int workers, int cores)
      throws IOException, InterruptedException {
    this(state, environment, Collections.nCopies(workers, cores));
  }

  /**
   * @param state folder for pids and logs
   * @param environment such as JAVA_HOME
   * @param cores of each Worker
   */
  StandaloneCluster(Path state, Map<String, String> environment, List<Integer> cores)
      throws IOException, InterruptedException {
    this(state, environment, cores, List.of());
  }

  private StandaloneCluster(
      Path state, Map<String, String> environment, List<Integer> cores, List<String> prefix)
      throws IOException, InterruptedException {
    this.state = state;
    this.workers = cores.size();
    this.prefix = prefix;
    this.environment.putAll(environment);
    this.environment.put("BACKDRAFT_CLUSTER_DIR", state.toString());
    Files.createDirectories(state);
    Command.Result started =
        script(
            "start",
            "--workers",
            "" + workers,
            "--cores",
            cores.stream().map(String::valueOf).collect(Collectors.joining(",")),
            "--memory",
            "2g");
    if (started.exitCode() != 0) {
      throw new IllegalStateException("cluster.sh start failed: " + started);
    }
  }

  /**
   * Two Workers of one core which, with their Master and executors, see an empty folder in place of
   * the given one: in a mount namespace of their own. What is submitted sees the folder itself.
   */
  static StandaloneCluster blindTo(Path folder, Path state)
      throws IOException, InterruptedException {
    return new StandaloneCluster(
        state,
        Map.of(),
        List.of(1, 1),
        List.of(
            "unshare",
            "--mount",
            "sh",
            "-c",
            "mount -t tmpfs -o size=1m none \"$0\" && exec \"$@\"",
            folder.toString()));
  }

  /** Submits {@code backdraft.jar COMMAND…}, with executors of one core. */
  Command submit(List<String> sparkOptions, List<String> command) throws IOException {
    List<String> words = new ArrayList<>();
    words.add(Repository.clusterScript().toString());
    words.add("submit");
    words.addAll(sparkOptions);
    words.add(Repository.jar().toString());
    words.addAll(command);
    return Command.start(state, environment, words);
  }

  /** The executor JVMs that run now: the children of the Workers. */
  List<ProcessHandle> executors() throws IOException {
    List<ProcessHandle> executors = new ArrayList<>();
    for (int i = 1; i <= workers; i++) {
      ProcessHandle.of(pid("worker-" + i))
          .ifPresent(worker -> worker.children().forEach(executors::add));
    }
    return executors;
  }

  /** The process of a daemon: {@code master}, or {@code worker-N} from 1. */
  long pid(String daemon) throws IOException {
    return Long.parseLong(Files.readString(state.resolve(daemon + ".pid")).trim());
  }

  /** Waits until no executor is left; also those that do not answer have to be gone. */
  void awaitNoExecutors() {
    Awaitility.await("executors end")
        .atMost(Duration.ofSeconds(60))
        .until(() -> executors().isEmpty());
  }

  @Override
  public void close() throws IOException {
    try {
      script("stop");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted while the cluster stopped.", e);
    }
  }

  private Command.Result script(String... words) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(words[0].equals("start") ? prefix : List.of());
    command.add(Repository.clusterScript().toString());
    command.addAll(List.of(words));
    try (Command script = Command.start(state, environment, command)) {
      return script.await(SCRIPT_TIMEOUT);
    }
  }
}
