package org.backdraft.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.awaitility.Awaitility;
import org.backdraft.data.HadoopSettings;

/** An object store that speaks S3 (Adobe S3Mock), a process of its own, with one bucket. */
final class S3Server implements AutoCloseable {
  /** Where the build puts it, in the profile of the full tier alone. */
  static final Path JAR = Path.of("target", "s3mock.jar");

  private static final String BUCKET = "runs";
  private static final Pattern PORT =
      Pattern.compile("Tomcat started on ports .* (\\d+) \\(http\\)");

  private final Process process;
  private final int port;

  /**
   * @param folder for its files and its log
   */
  S3Server(Path folder) throws IOException {
    Path log = folder.resolve("s3mock.log");
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-Djava.io.tmpdir=" + folder,
            "-jar",
            JAR.toString(),
            "--com.adobe.testing.s3mock.httpPort=0",
            "--server.port=0");
    builder.environment().put("COM_ADOBE_TESTING_S3MOCK_STORE_INITIAL_BUCKETS", BUCKET);
    process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    int found = 0;
    try {
      found =
          Awaitility.await("the object store starts")
              .atMost(Duration.ofSeconds(90))
              .until(() -> port(log), number -> number > 0);
    } finally {
      if (found == 0) {
        process.destroyForcibly();
      }
    }
    port = found;
  }

  private int port(Path log) throws IOException {
    String text = Files.readString(log);
    if (!process.isAlive()) {
      throw new IOException("The object store has ended: " + text);
    }
    Matcher matcher = PORT.matcher(text);
    return matcher.find() ? Integer.parseInt(matcher.group(1)) : 0;
  }

  /** The address of a folder in the bucket. */
  String address(String name) {
    return "s3a://" + BUCKET + "/" + name;
  }

  /** What an operator gives as {@code spark.hadoop.fs.s3a.…}. */
  HadoopSettings settings() {
    Configuration configuration = new Configuration();
    configuration.set("fs.s3a.endpoint", "http://127.0.0.1:" + port);
    configuration.set("fs.s3a.endpoint.region", "us-east-1");
    configuration.set("fs.s3a.path.style.access", "true");
    configuration.set("fs.s3a.connection.ssl.enabled", "false");
    configuration.set("fs.s3a.access.key", "anyone");
    configuration.set("fs.s3a.secret.key", "anything");
    configuration.set(
        "fs.s3a.aws.credentials.provider", "org.apache.hadoop.fs.s3a.SimpleAWSCredentialsProvider");
    return HadoopSettings.of(configuration);
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
