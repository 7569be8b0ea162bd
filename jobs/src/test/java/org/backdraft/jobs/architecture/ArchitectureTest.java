package org.backdraft.jobs.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.backdraft.comm.Collectives;
import org.backdraft.concurrent.NamedThreadFactory;
import org.backdraft.driver.TrainingJob;
import org.backdraft.jobs.Backdraft;
import org.backdraft.jobs.process.Exit;
import org.backdraft.kernel.KernelLookup;
import org.backdraft.kernel.Kernels;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The rules that hold between modules and packages, checked in the byte code of all of them. */
final class ArchitectureTest {
  /** Far fewer than there are: that all modules are seen is what matters. */
  private static final int LEAST_CLASSES = 150;

  private static final String[] WORKER_KERNELS = {
    "org.backdraft.concurrent..",
    "org.backdraft.image..",
    "org.backdraft.init..",
    "org.backdraft.kernel..",
    "org.backdraft.leaf..",
    "org.backdraft.loss..",
    "org.backdraft.nn..",
    "org.backdraft.optim..",
    "org.backdraft.plan..",
    "org.backdraft.random..",
    "org.backdraft.tensor..",
    "org.backdraft.text..",
    "org.backdraft.zoo.."
  };

  private static final String[] SPARK_FACING = {
    "org.backdraft.data.spark..", "org.backdraft.driver.spark..", "org.backdraft.jobs.spark.."
  };

  private static final Set<String> FREE_MATH =
      Set.of(
          "acos", "asin", "atan", "atan2", "cbrt", "cos", "cosh", "exp", "expm1", "hypot", "log",
          "log10", "log1p", "pow", "random", "sin", "sinh", "tan", "tanh");

  private static JavaClasses all;

  @BeforeAll
  static void importAllModules() {
    all =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(location -> !location.contains("-tests.jar"))
            .importPackages("org.backdraft");
  }

  @Test
  void seesTheClassesOfAllModules() {
    assertThat(all.size()).isGreaterThan(LEAST_CLASSES);
    for (Class<?> each :
        new Class<?>[] {Kernels.class, Collectives.class, TrainingJob.class, Backdraft.class}) {
      assertThat(all.contain(each)).as(each.getName()).isTrue();
    }
  }

  @Test
  void workerKernelsDependOnTheJdkAlone() {
    classes()
        .that()
        .resideInAnyPackage(WORKER_KERNELS)
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage(WORKER_KERNELS)
                .or(resideInAnyPackage("java..", "com.sun.management..", "jdk.incubator.vector.."))
                .or(arraysOfPrimitives()))
        .check(all);
    noClasses()
        .that()
        .resideInAnyPackage(WORKER_KERNELS)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("java.net..", "java.util.logging..")
        .check(all);
  }

  @Test
  void parameterServerKnowsNoLayersAndNoSpark() {
    classes()
        .that()
        .resideInAnyPackage("org.backdraft.comm..", "org.backdraft.ps..")
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage(
                    "org.backdraft.comm..",
                    "org.backdraft.ps..",
                    "org.backdraft.leaf..",
                    "org.backdraft.tensor..",
                    "org.backdraft.text..",
                    "org.backdraft.concurrent..",
                    "java..",
                    "javax.crypto..",
                    "javax.net..")
                .or(arraysOfPrimitives()))
        .check(all);
  }

  @Test
  void driverKnowsNoCommandLine() {
    noClasses()
        .that()
        .resideOutsideOfPackage("org.backdraft.jobs..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.backdraft.jobs..", "picocli..", "org.snakeyaml..")
        .check(all);
  }

  @Test
  void optimizersAndKernelsSeeNoNetworks() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "org.backdraft.optim..",
            "org.backdraft.kernel..",
            "org.backdraft.tensor..",
            "org.backdraft.text..",
            "org.backdraft.leaf..",
            "org.backdraft.random..",
            "org.backdraft.loss..",
            "org.backdraft.image..",
            "org.backdraft.init..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.backdraft.nn..", "org.backdraft.plan..", "org.backdraft.zoo..")
        .check(all);
  }

  @Test
  void algorithmsSeeTransportsByTheirInterfaceOnly() {
    noClasses()
        .that()
        .resideInAPackage("org.backdraft.comm.algorithm..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.backdraft.comm.transport.tcp..")
        .check(all);
  }

  @Test
  void packagesFormNoCycles() {
    slices().matching("org.backdraft.(**)").should().beFreeOfCycles().check(all);
  }

  @Test
  void vectorModuleStaysInsideTheKernelPackages() {
    noClasses()
        .that()
        .resideOutsideOfPackages("org.backdraft.kernel", "org.backdraft.kernel.tile")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("jdk.incubator..")
        .check(all);
    methods()
        .that()
        .arePublic()
        .and()
        .areDeclaredInClassesThat()
        .arePublic()
        .should(notMention("jdk.incubator."))
        .check(all);
  }

  @Test
  void sparkStaysInsideTheSparkFacingPackages() {
    noClasses()
        .that()
        .resideOutsideOfPackages(SPARK_FACING)
        .and()
        .areNotAssignableTo(Backdraft.class)
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.apache.spark..")
        .check(all);
  }

  @Test
  void scalaStaysInsideTheBridge() {
    noClasses()
        .that()
        .resideOutsideOfPackage("org.backdraft.driver.spark.bridge")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("scala..")
        .check(all);
  }

  @Test
  void socketsStayInsideTheTcpTransport() {
    noClasses()
        .that()
        .resideOutsideOfPackage("org.backdraft.comm.transport.tcp")
        .should()
        .dependOnClassesThat(
            describe(
                "are sockets",
                type ->
                    (type.getName().startsWith("java.net.")
                            && type.getSimpleName().matches(".*(Socket|URLConnection|HttpClient).*")
                            && !type.isAssignableTo(Throwable.class)
                            && !type.getSimpleName().equals("InetSocketAddress")
                            && !type.getSimpleName().equals("SocketAddress"))
                        || type.getName().startsWith("javax.net.")
                        || type.getName()
                            .matches("java.nio.channels.(.*Socket.*|DatagramChannel|Selector)")))
        .check(all);
  }

  @Test
  void onlyTheEntryPointAndExitEndTheJvm() {
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName(Backdraft.class.getName())
        .and()
        .doNotHaveFullyQualifiedName(Exit.class.getName())
        .should()
        .callMethodWhere(calls(System.class, Set.of("exit")))
        .orShould()
        .callMethodWhere(calls(Runtime.class, Set.of("exit", "halt")))
        .check(all);
  }

  /** A file of ours or a socket must never make the JVM build objects of a sender's choice. */
  @Test
  void nothingIsDeserializedByJava() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.io.ObjectInputStream")
        .check(all.that(resideOutsideOfPackages("org.backdraft.shaded..")));
  }

  @Test
  void staticFieldsAreConstants() {
    noFields()
        .that()
        .areStatic()
        .and(describe("are no constants", field -> !isSynthetic(field.getModifiers())))
        .should()
        .notBeFinal()
        .check(all);
    noFields()
        .that()
        .areStatic()
        .and()
        .areDeclaredInClassesThat(
            describe(
                "are not the registry where the workers of one JVM meet",
                type -> !type.getPackageName().equals("org.backdraft.comm.transport.local")))
        .should(holdMutableState())
        .check(all);
  }

  @Test
  void namesSayWhatClassesAre() {
    noClasses()
        .should()
        .haveSimpleNameEndingWith("Util")
        .orShould()
        .haveSimpleNameEndingWith("Utils")
        .orShould()
        .haveSimpleNameEndingWith("Helper")
        .orShould()
        .haveSimpleNameEndingWith("Manager")
        .orShould()
        .haveSimpleNameEndingWith("Impl")
        .check(all);
  }

  @Test
  void environmentIsReadByJobsAndTheKernelLookupOnly() {
    noClasses()
        .that()
        .resideOutsideOfPackage("org.backdraft.jobs..")
        .and()
        .doNotHaveFullyQualifiedName(KernelLookup.class.getName())
        .should()
        .callMethodWhere(
            calls(System.class, Set.of("getenv", "getProperty", "getProperties", "setProperty")))
        .orShould()
        .callMethodWhere(calls(Integer.class, Set.of("getInteger")))
        .orShould()
        .callMethodWhere(calls(Long.class, Set.of("getLong")))
        .orShould()
        .callMethodWhere(calls(Boolean.class, Set.of("getBoolean")))
        .check(all);
  }

  @Test
  void threadsComeFromTheNamedFactory() {
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName(NamedThreadFactory.class.getName())
        .should()
        .callConstructorWhere(
            describe("makes a Thread", call -> call.getTargetOwner().isAssignableTo(Thread.class)))
        .orShould()
        .callMethodWhere(
            describe(
                "makes a pool with unnamed threads",
                call ->
                    call.getTargetOwner().isEquivalentTo(java.util.concurrent.Executors.class)
                        && call.getName().startsWith("new")
                        && call.getTarget().getRawParameterTypes().stream()
                            .noneMatch(
                                type ->
                                    type.isEquivalentTo(java.util.concurrent.ThreadFactory.class))))
        .check(all);
  }

  /** {@code Math.tanh} and its like differ between JDKs; {@code StrictMath} does not. */
  @Test
  void mathIsTheSameOnEveryJdk() {
    noClasses().should().callMethodWhere(calls(Math.class, FREE_MATH)).check(all);
  }

  /** In the sources, since the compiler writes no class for a package without annotations. */
  @Test
  void everyPackageSaysWhatItIsFor() throws IOException {
    Set<Path> packages = new TreeSet<>();
    Set<Path> described = new TreeSet<>();
    try (Stream<Path> files = Files.walk(Path.of(".."))) {
      files
          .filter(file -> file.toString().replace('\\', '/').contains("/src/main/java/"))
          .filter(file -> file.toString().endsWith(".java"))
          .forEach(
              file -> {
                packages.add(file.getParent());
                if (file.endsWith("package-info.java")) {
                  described.add(file.getParent());
                }
              });
    }
    assertThat(packages).hasSizeGreaterThan(15);
    packages.removeAll(described);
    assertThat(packages).as("packages without package-info.java").isEmpty();
  }

  private static DescribedPredicate<JavaClass> arraysOfPrimitives() {
    return describe(
        "primitives and arrays of them", type -> type.getBaseComponentType().isPrimitive());
  }

  private static DescribedPredicate<JavaCall<?>> calls(Class<?> owner, Set<String> names) {
    return describe(
        "calls " + owner.getSimpleName() + "." + names,
        call -> {
          AccessTarget target = call.getTarget();
          return target.getOwner().isEquivalentTo(owner) && names.contains(target.getName());
        });
  }

  private static boolean isSynthetic(Set<JavaModifier> modifiers) {
    return modifiers.contains(JavaModifier.SYNTHETIC);
  }

  private static ArchCondition<JavaMethod> notMention(String prefix) {
    return new ArchCondition<>("not mention " + prefix + " in a signature") {
      @Override
      public void check(JavaMethod method, ConditionEvents events) {
        boolean mentions =
            Stream.concat(
                    Stream.of(method.getRawReturnType()), method.getRawParameterTypes().stream())
                .anyMatch(type -> type.getBaseComponentType().getName().startsWith(prefix));
        events.add(new SimpleConditionEvent(method, !mentions, method.getFullName()));
      }
    };
  }

  private static ArchCondition<com.tngtech.archunit.core.domain.JavaField> holdMutableState() {
    return new ArchCondition<>("hold state that changes") {
      @Override
      public void check(com.tngtech.archunit.core.domain.JavaField field, ConditionEvents events) {
        JavaClass type = field.getRawType();
        boolean mutable =
            type.getName().startsWith("java.util.concurrent.")
                || type.isAssignableTo(ThreadLocal.class)
                || (type.isAssignableTo(Collection.class) && !type.isInterface())
                || (type.isAssignableTo(Map.class) && !type.isInterface());
        events.add(
            new SimpleConditionEvent(field, mutable, field.getFullName() + " " + type.getName()));
      }
    };
  }
}
