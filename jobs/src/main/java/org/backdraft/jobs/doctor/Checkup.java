package org.backdraft.jobs.doctor;

import static org.backdraft.jobs.doctor.Finding.Verdict.BAD;
import static org.backdraft.jobs.doctor.Finding.Verdict.FAIR;
import static org.backdraft.jobs.doctor.Finding.Verdict.GOOD;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.backdraft.jobs.output.Amounts;
import org.backdraft.kernel.KernelLookup;

/** All checks, each with what it found. Starts no Spark and needs no network. */
public final class Checkup {
  private static final long SMALL_HEAP_BYTES = 512L << 20;
  private static final long SMALL_DISK_BYTES = 1L << 30;

  private Checkup() {}

  /** Runs every check. */
  public static List<Finding> all() {
    List<Finding> findings = new ArrayList<>();
    findings.add(jdk(Runtime.version().feature()));
    findings.add(spark());
    findings.add(modules());
    findings.add(kernels());
    findings.add(cores(Runtime.getRuntime().availableProcessors()));
    findings.add(heap(Runtime.getRuntime().maxMemory()));
    findings.add(temporarySpace(Path.of(System.getProperty("java.io.tmpdir"))));
    findings.add(hostName());
    findings.addAll(SparkSettings.findings(System.getProperties()));
    return findings;
  }

  static Finding jdk(int feature) {
    String found = System.getProperty("java.version") + " in " + System.getProperty("java.home");
    if (feature < 17) {
      return new Finding(BAD, "JDK", found, "needs 17 or later; set JAVA_HOME");
    }
    if (feature > 21) {
      return new Finding(
          GOOD,
          "JDK",
          found,
          "good with Backdraft's own Spark jars; a Spark 4.1 distribution of its own needs 17 or 21");
    }
    return new Finding(GOOD, "JDK", found, "");
  }

  private static Finding spark() {
    try {
      Class.forName("org.apache.spark.SparkContext", false, Checkup.class.getClassLoader());
      return new Finding(GOOD, "Spark", "on the class path", "");
    } catch (ClassNotFoundException e) {
      return new Finding(
          BAD, "Spark", "not on the class path", "use bin/backdraft or spark-submit");
    }
  }

  /** Spark reaches into these packages; without the flags it fails in mid-run. */
  private static Finding modules() {
    boolean open =
        Object.class.getModule().isOpen("java.nio", Checkup.class.getModule())
            && Object.class.getModule().isOpen("sun.nio.ch", Checkup.class.getModule());
    return open
        ? new Finding(GOOD, "JVM flags", "java.base is open to Spark", "")
        : new Finding(
            BAD,
            "JVM flags",
            "--add-opens flags are missing",
            "use bin/backdraft or spark-submit, or java @deploy/conf/jvm.options");
  }

  private static Finding kernels() {
    KernelLookup.Choice choice = KernelLookup.choose();
    boolean vectors = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
    return new Finding(
        choice.fast() ? GOOD : FAIR,
        "kernels",
        choice.kernels().description(),
        (choice.fast() ? choice.kernels().tuning() : choice.explanation())
            + (vectors ? "" : " (module jdk.incubator.vector is absent)"));
  }

  static Finding cores(int cores) {
    return new Finding(
        GOOD,
        "cores",
        Integer.toString(cores),
        "one worker uses them all by default; --workers and --threads divide them");
  }

  static Finding heap(long maxBytes) {
    String found = Amounts.bytes(maxBytes) + " heap of " + physicalMemory();
    return maxBytes < SMALL_HEAP_BYTES
        ? new Finding(
            FAIR,
            "memory",
            found,
            "small; raise it by BACKDRAFT_JAVA_OPTS=-Xmx4g or --driver-memory")
        : new Finding(GOOD, "memory", found, "");
  }

  private static String physicalMemory() {
    // What the container may use, where there is one.
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? Amounts.bytes(system.getTotalMemorySize()) + " memory"
        : "unknown memory";
  }

  static Finding temporarySpace(Path folder) {
    try {
      Path probe = Files.createTempFile(folder, "backdraft", ".probe");
      Files.write(probe, ByteBuffer.allocate(4096).array());
      Files.delete(probe);
      long free = Files.getFileStore(folder).getUsableSpace();
      String found = Amounts.bytes(free) + " free in " + folder;
      return free < SMALL_DISK_BYTES
          ? new Finding(FAIR, "temporary space", found, "blocks that do not fit memory go there")
          : new Finding(GOOD, "temporary space", found, "");
    } catch (IOException e) {
      return new Finding(
          BAD,
          "temporary space",
          folder + " cannot be written: " + e,
          "set SPARK_LOCAL_DIRS and -Djava.io.tmpdir to a folder that can");
    }
  }

  private static Finding hostName() {
    try {
      InetAddress host = InetAddress.getLocalHost();
      return new Finding(
          GOOD,
          "host name",
          host.getHostName() + " is " + host.getHostAddress(),
          "on a cluster executors must reach the driver by it, or by spark.driver.host");
    } catch (IOException e) {
      return new Finding(
          FAIR,
          "host name",
          "does not resolve: " + e.getMessage(),
          "add it to /etc/hosts, or set SPARK_LOCAL_IP=127.0.0.1 on a laptop");
    }
  }
}
