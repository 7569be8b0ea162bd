package org.backdraft.driver.spark;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.logging.log4j.core.config.Property;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.backdraft.driver.CheckpointPlace;
import org.backdraft.driver.Cluster;
import org.backdraft.driver.TrainingJob;
import org.backdraft.driver.TrainingListener;
import org.backdraft.driver.config.TrainingConfig;
import org.backdraft.driver.worker.WorkerTask;
import org.backdraft.zoo.ModelZoo;

/**
 * Trains with encrypted connections, and looks for the attempt's secret and its private key
 * wherever a stranger may look: logs of this JVM at their most talkative and of the executors,
 * Spark's settings, pages and event log, command lines and environments, the run's files.
 */
final class SecretScenario {
  /** What the command line of an executor names. */
  private static final String EXECUTOR = "CoarseGrainedExecutorBackend";

  private final Path folder;
  private final Map<String, byte[]> secrets = new ConcurrentHashMap<>();
  private final Map<String, String> seen = new LinkedHashMap<>(); // by where
  private final StringBuilder log = new StringBuilder(); // guarded by itself

  SecretScenario(Path folder) {
    this.folder = folder;
  }

  /** On executors: {@code classFolders folder}; prints where a secret was found. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    SparkConf conf =
        new SparkConf()
            .setMaster("local-cluster[2,1,900]")
            .set("spark.executor.memory", "900m")
            .set("spark.executor.extraClassPath", arguments[0])
            .set(
                "spark.executor.extraJavaOptions",
                "--add-modules=jdk.incubator.vector -XX:+IgnoreUnrecognizedVMOptions");
    Path folder = Path.of(arguments[1]);
    List<String> found = new SecretScenario(folder).find(conf);
    System.out.println(found.isEmpty() ? "nothing was found" : "found: " + found);
    System.exit(0);
  }

  private final class Capture extends AbstractAppender {
    Capture() {
      super("secrets", null, null, true, Property.EMPTY_ARRAY);
    }

    @Override
    public void append(LogEvent event) {
      synchronized (log) {
        log.append(event.getMessage().getFormattedMessage()).append('\n');
        if (event.getThrown() != null) {
          log.append(event.getThrown()).append('\n');
        }
      }
    }
  }

  /** Where secrets were found, and "too little was looked at" where that is so. */
  List<String> find(SparkConf conf) throws IOException, InterruptedException {
    Path events = Files.createDirectories(folder.resolve("events"));
    conf.setAppName("secrets")
        .set("spark.ui.enabled", "true")
        .set("spark.ui.port", "0")
        .set("spark.eventLog.enabled", "true")
        .set("spark.eventLog.dir", events.toUri().toString())
        .set("spark.eventLog.compress", "false")
        .set("spark.driver.bindAddress", "127.0.0.1")
        .set("spark.driver.host", "127.0.0.1");
    Capture capture = new Capture();
    capture.start();
    LoggerContext context = (LoggerContext) LogManager.getContext(false);
    context.getConfiguration().getRootLogger().addAppender(capture, Level.ALL, null);
    Configurator.setLevel("org.backdraft", Level.ALL);
    Configurator.setLevel("org.apache.spark", Level.INFO);
    SparkDefaults.apply(conf);
    try (JavaSparkContext sc = new JavaSparkContext(conf)) {
      train(sc);
      seen.put("settings", sc.getConf().toDebugString() + System.getProperties());
      readPages(sc.sc().uiWebUrl().get(), sc.sc().applicationId());
    } finally {
      context.getConfiguration().getRootLogger().removeAppender("secrets");
      capture.stop();
      Configurator.setLevel("org.backdraft", Level.INFO);
      Configurator.setLevel("org.apache.spark", Level.WARN);
    }
    synchronized (log) {
      seen.put("log", log.toString());
    }
    readFiles();
    return search();
  }

  private void train(JavaSparkContext sc) throws IOException {
    TrainingConfig config = SparkTrainingTest.secret();
    new TrainingJob(
            config,
            (shape, classes) -> ModelZoo.create("lenet5", shape, classes),
            watched(SparkClusters.using(sc, 2)),
            new TrainingListener() {
              @Override
              public void onStep(Step step) {
                if (step.step() == 2) {
                  readProcesses();
                }
              }
            })
        .checkpointingIn(
            new CheckpointPlace(
                folder.resolve("run/checkpoints").toString(), false, (n, words) -> Map.of()))
        .run();
  }

  /** A cluster whose tasks are looked into. */
  private Cluster.Provider watched(Cluster.Provider clusters) {
    return request -> {
      Cluster cluster = clusters.open(request);
      return (Cluster)
          Proxy.newProxyInstance(
              Cluster.class.getClassLoader(),
              new Class<?>[] {Cluster.class},
              (proxy, method, arguments) -> {
                if (arguments != null && arguments[0] instanceof WorkerTask task) {
                  secrets.put("secret", task.gang().credentials().secret());
                  secrets.put("key", task.gang().tls().privateKey());
                }
                try {
                  return method.invoke(cluster, arguments);
                } catch (InvocationTargetException e) {
                  throw e.getCause();
                }
              });
    };
  }

  private void readPages(String url, String id) throws IOException, InterruptedException {
    HttpClient client = HttpClient.newHttpClient();
    String api = "/api/v1/applications/" + id;
    for (String page :
        List.of(
            "/environment/",
            "/executors/",
            api + "/environment",
            api + "/allexecutors",
            api + "/jobs",
            api + "/stages")) {
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(URI.create(url + page)).build(),
              HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() != 200 || answer.body().isEmpty()) {
        throw new IOException(page + " must be there: " + answer.statusCode());
      }
      seen.put(page, answer.body());
    }
  }

  /** This process and those that it started, as the system shows them. */
  private void readProcesses() {
    ProcessHandle self = ProcessHandle.current();
    Stream.concat(Stream.of(self), self.descendants())
        .forEach(
            process -> {
              for (String file : List.of("cmdline", "environ")) {
                Path path = Path.of("/proc", Long.toString(process.pid()), file);
                try {
                  seen.put(path.toString(), text(path));
                } catch (IOException e) {
                  seen.put("commands", process.info().toString()); // no Linux, or just ended
                }
              }
            });
  }

  private void readFiles() throws IOException {
    List<Path> files = new CopyOnWriteArrayList<>();
    try (Stream<Path> all = Files.walk(folder)) {
      all.filter(file -> Files.isRegularFile(file) && !file.toString().endsWith(".jar"))
          .forEach(files::add);
    }
    for (Path file : files) {
      seen.put(folder.relativize(file).toString(), text(file));
    }
  }

  /** Each byte as a character. */
  private static String text(Path file) throws IOException {
    return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
  }

  /** The forms in which a secret's beginning could be shown; that of a key is no secret. */
  static List<String> forms(byte[] secret) {
    byte[] part = Arrays.copyOfRange(secret, secret.length - 9, secret.length);
    String hex = HexFormat.of().formatHex(part);
    String numbers = Arrays.toString(part);
    byte[] aligned = Arrays.copyOf(secret, secret.length / 3 * 3);
    String base64 = Base64.getEncoder().encodeToString(aligned);
    String tail = base64.substring(base64.length() - 12);
    return List.of(
        hex,
        hex.toUpperCase(Locale.ROOT),
        numbers.substring(1, numbers.length() - 1),
        tail,
        tail.replace('+', '-').replace('/', '_'),
        new String(part, StandardCharsets.ISO_8859_1));
  }

  /** Whether a file below these folders, each in the one before, was looked at. */
  private boolean hasSeen(String... folders) {
    String below = String.join("/", folders) + "/";
    return seen.keySet().stream().anyMatch(where -> where.startsWith(below));
  }

  private List<String> search() {
    List<String> found = new CopyOnWriteArrayList<>();
    boolean hasAll =
        secrets.keySet().containsAll(List.of("secret", "key"))
            && secrets.get("key").length > 0
            && hasSeen("events")
            && hasSeen("run", "checkpoints")
            && hasSeen("home", "work")
            && seen.values().stream().anyMatch(what -> what.contains(EXECUTOR))
            && seen.get("log").contains("encrypted by TLS");
    if (!hasAll) {
      found.add("too little was looked at: " + secrets.keySet() + ", " + seen.keySet());
    }
    secrets.forEach(
        (name, secret) -> {
          for (String form : forms(secret)) {
            seen.forEach(
                (where, what) -> {
                  if (what.contains(form)) {
                    found.add(name + " in " + where);
                  }
                });
          }
        });
    return found;
  }
}
