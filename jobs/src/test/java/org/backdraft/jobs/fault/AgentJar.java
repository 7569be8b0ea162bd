package org.backdraft.jobs.fault;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import net.bytebuddy.ByteBuddy;

/** The {@link HaltAgent} as a file that JVMs take. */
public final class AgentJar {
  private static final List<Class<?>> CLASSES =
      List.of(
          HaltAgent.class,
          HaltAgent.CountPasses.class,
          HaltAgent.HaltBefore.class,
          HaltAgent.HaltAfter.class,
          FaultPoint.class);

  private AgentJar() {}

  /** Writes it into a folder. */
  public static Path write(Path folder) throws IOException {
    Manifest manifest = new Manifest();
    Attributes attributes = manifest.getMainAttributes();
    attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    attributes.putValue("Premain-Class", HaltAgent.class.getName());
    attributes.put(
        Attributes.Name.CLASS_PATH,
        ByteBuddy.class.getProtectionDomain().getCodeSource().getLocation().toString());
    Path jar = folder.resolve("halt-agent.jar");
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
      for (Class<?> each : CLASSES) {
        String name = each.getName().replace('.', '/') + ".class";
        out.putNextEntry(new JarEntry(name));
        try (InputStream in = each.getClassLoader().getResourceAsStream(name)) {
          in.transferTo(out);
        }
        out.closeEntry();
      }
    }
    return jar;
  }

  /** The JVM option that has it end a JVM once. */
  public static String option(Path jar, FaultPoint point, int stepsBefore, Path mark) {
    return "-javaagent:%s=%s,%d,%s".formatted(jar, point, stepsBefore, mark);
  }
}
