package org.backdraft.kernel;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import org.backdraft.tensor.Checks;

/**
 * Chooses the kernels of this JVM: the SIMD ones where the JVM can run them fast, else the scalar
 * ones. Both give the same bits.
 *
 * <p>The system property {@value #PROPERTY} decides otherwise: {@code auto} (the default), {@code
 * simd} or {@code scalar}. No class that touches the module {@code jdk.incubator.vector} is loaded
 * where that module is absent.
 */
public final class KernelLookup {
  /** The system property that forces one implementation. */
  public static final String PROPERTY = "backdraft.kernels";

  private static final String MODULE = "jdk.incubator.vector";
  private static final String SIMD_CLASS = "org.backdraft.kernel.SimdKernels";
  private static final int LEAST_VECTOR_BYTES = 16;

  /**
   * What was chosen.
   *
   * @param explanation for the log: what runs and, where it is not the fast one, why and what to do
   * @param fast whether the SIMD kernels run
   */
  public record Choice(Kernels kernels, String explanation, boolean fast) {}

  private KernelLookup() {}

  /**
   * The kernels of this JVM; each call looks anew.
   *
   * @throws IllegalArgumentException if the property holds an unknown value
   * @throws IllegalStateException if {@code simd} is demanded and cannot run, with cause and cure
   */
  public static Choice choose() {
    return choose(System.getProperty(PROPERTY, "auto"));
  }

  static Choice choose(String demand) {
    String word = demand.strip().toLowerCase(Locale.ROOT);
    Checks.argument(
        word.equals("auto") || word.equals("simd") || word.equals("scalar"),
        "-D%s must be auto, simd or scalar: got '%s'.",
        PROPERTY,
        demand);
    if (word.equals("scalar")) {
      return scalar("asked for by -D" + PROPERTY + "=scalar; remove it for the fast kernels");
    }
    String obstacle = obstacle();
    if (obstacle == null) {
      try {
        Kernels simd = (Kernels) Class.forName(SIMD_CLASS).getDeclaredConstructor().newInstance();
        return new Choice(simd, simd.description() + " kernels", true);
      } catch (ReflectiveOperationException | LinkageError e) {
        obstacle = "the SIMD kernels cannot be loaded (" + e + "); run on a JDK 17 to 25";
      }
    }
    Checks.state(
        word.equals("auto"),
        "-D%s=simd needs a JVM that runs the Vector API well: %s.",
        PROPERTY,
        obstacle);
    return scalar(obstacle);
  }

  private static Choice scalar(String reason) {
    Kernels scalar = new ScalarKernels();
    return new Choice(
        scalar, scalar.description() + " kernels, many times slower than SIMD: " + reason, false);
  }

  /** Why the SIMD kernels would not run, or not be fast, and the cure; null if they would. */
  private static String obstacle() {
    if (ModuleLayer.boot().findModule(MODULE).isEmpty()) {
      return "the module "
          + MODULE
          + " is not there; add --add-modules "
          + MODULE
          + " to the JVM's flags";
    }
    String mode = System.getProperty("java.vm.info", "");
    if (mode.contains("interpreted")) {
      return "this JVM only interprets; remove -Xint";
    }
    HotSpotDiagnosticMXBean jvm =
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
    if (jvm == null) {
      return "this JVM ("
          + System.getProperty("java.vm.name", "unknown")
          + ") is not HotSpot; run on a HotSpot JDK";
    }
    if (mode.contains("emulated-client") || integer(jvm, "TieredStopAtLevel", 4) < 4) {
      return "the compiler C2 is off; remove -XX:TieredStopAtLevel or the client mode";
    }
    if (!"false".equals(option(jvm, "UseJVMCICompiler", "false"))) {
      return "another compiler than C2 is in use; add -XX:-UseJVMCICompiler";
    }
    if (!"true".equals(option(jvm, "EnableVectorSupport", "true"))) {
      return "vector support is off; remove -XX:-EnableVectorSupport";
    }
    if (!"true".equals(option(jvm, "UseFMA", "true"))) {
      return "fused multiply-add is off or the processor lacks it; remove -XX:-UseFMA or run on a"
          + " processor with FMA";
    }
    if (integer(jvm, "UseAVX", 2) < 2) {
      return "AVX2 is off or the processor lacks it; remove -XX:UseAVX or run on a processor with"
          + " AVX2";
    }
    if (integer(jvm, "MaxVectorSize", LEAST_VECTOR_BYTES) < LEAST_VECTOR_BYTES) {
      return "vectors are shorter than 128 bits; remove -XX:MaxVectorSize";
    }
    return null;
  }

  private static int integer(HotSpotDiagnosticMXBean jvm, String name, int absent) {
    return Integer.parseInt(option(jvm, name, Integer.toString(absent)));
  }

  /** The value of a JVM option, or {@code absent} on machines that do not have it. */
  private static String option(HotSpotDiagnosticMXBean jvm, String name, String absent) {
    try {
      return jvm.getVMOption(name).getValue();
    } catch (IllegalArgumentException e) {
      return absent;
    }
  }
}
