package org.backdraft.jobs.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** Which Backdraft this is, as the build wrote it into the jar, on which Spark and JDK. */
public final class Version implements IVersionProvider {
  /** {@code 0.1.0 (a1b2c3d)}; {@code +} after the commit says that files were changed since. */
  public static String backdraft() {
    Properties built = read("/org/backdraft/jobs/version.properties");
    String git = built.getProperty("git", "$");
    // Without a repository Maven leaves the placeholder.
    String commit = git.startsWith("$") ? "no git" : git;
    String changed = Boolean.parseBoolean(built.getProperty("dirty")) ? "+" : "";
    return built.getProperty("version") + " (" + commit + changed + ")";
  }

  /** The version of the Spark on the class path. */
  public static String spark() {
    return read("/spark-version-info.properties").getProperty("version", "not found");
  }

  public static String jdk() {
    return System.getProperty("java.version") + " (" + System.getProperty("java.vendor") + ")";
  }

  @Override
  public String[] getVersion() {
    return new String[] {"backdraft " + backdraft() + "  Spark " + spark() + "  JDK " + jdk()};
  }

  private static Properties read(String resource) {
    Properties properties = new Properties();
    try (InputStream stream = Version.class.getResourceAsStream(resource)) {
      if (stream != null) {
        properties.load(stream);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + resource, e);
    }
    return properties;
  }
}
