package org.backdraft.data.spark;

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Runs a main class of the tests in a JVM of its own that can start Spark executors: with {@code
 * SPARK_HOME} set to a folder whose {@code jars/} links to the jars of this test's class path.
 */
public final class SparkHome {
  private SparkHome() {}

  /** The folders of classes on this test's class path. */
  public static String classFolders() {
    return String.join(File.pathSeparator, entries(false));
  }

  private static List<String> entries(boolean jars) {
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    List<String> entries = new ArrayList<>();
    for (String entry : classPath.split(File.pathSeparator)) {
      if (entry.endsWith(".jar") == jars) {
        entries.add(entry);
      }
    }
    return entries;
  }

  /**
   * Runs {@code main} to its end.
   *
   * @param folder for the Spark home, the log and Spark's own files
   * @return what it printed, and its exit code in the last line
   */
  public static String run(Class<?> main, Path folder, long timeoutSeconds, String... arguments)
      throws IOException, InterruptedException {
    Path jars = Files.createDirectories(folder.resolve("home/jars"));
    for (String jar : entries(true)) {
      Path name = jars.resolve(Path.of(jar).getFileName());
      if (!Files.exists(name)) {
        Files.createSymbolicLink(name, Path.of(jar));
      }
    }
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (flag.startsWith("--add-") || flag.startsWith("-XX:+Ignore") || flag.equals("-ea")) {
        command.add(flag);
      }
    }
    command.add("-Xmx512m");
    command.add("-cp");
    command.add(classFolders() + File.pathSeparator + jars + File.separator + "*");
    command.add(main.getName());
    command.add(classFolders());
    command.addAll(List.of(arguments));
    Path log = folder.resolve("log.txt");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().put("SPARK_HOME", folder.resolve("home").toString());
    builder.environment().put("SPARK_SCALA_VERSION", "2.13");
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    Process process = builder.start();
    boolean ended = false;
    try {
      ended = process.waitFor(timeoutSeconds, TimeUnit.SECONDS);
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
      for (String jar : entries(true)) {
        Files.deleteIfExists(jars.resolve(Path.of(jar).getFileName()));
      }
    }
    return Files.readString(log) + (ended ? "exit " + process.exitValue() : "not ended in time");
  }
}
