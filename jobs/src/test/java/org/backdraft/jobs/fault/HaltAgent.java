package org.backdraft.jobs.fault;

import java.io.IOException;
import java.lang.instrument.Instrumentation;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import net.bytebuddy.agent.builder.AgentBuilder;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.description.method.MethodDescription;
import net.bytebuddy.matcher.ElementMatcher;
import net.bytebuddy.matcher.ElementMatchers;

/**
 * A Java agent that ends one of the JVMs that have it, without a word, at a {@link FaultPoint} of a
 * step: the first that comes there after so many of its own steps, and creates a file. The others
 * find the file and go on, as does whoever replaces it.
 */
public final class HaltAgent {
  private static final int KILLED = 137; // what a shell says of kill -9

  private static final AtomicInteger passes = new AtomicInteger();
  private static volatile int stepsBefore;
  private static volatile Path mark;

  private HaltAgent() {}

  /**
   * @param arguments {@code POINT,STEPS,FILE}
   */
  public static void premain(String arguments, Instrumentation instrumentation) {
    String[] words = arguments.split(",", 3);
    FaultPoint point = FaultPoint.valueOf(words[0]);
    stepsBefore = Integer.parseInt(words[1]);
    mark = Path.of(words[2]);
    advise(instrumentation, FaultPoint.PASS, CountPasses.class);
    advise(instrumentation, point, point.isBefore() ? HaltBefore.class : HaltAfter.class);
  }

  private static void advise(Instrumentation instrumentation, FaultPoint point, Class<?> advice) {
    ElementMatcher<MethodDescription> method =
        ElementMatchers.<MethodDescription>named(point.method())
            .and(ElementMatchers.takesArguments(point.arguments()));
    new AgentBuilder.Default()
        .type(ElementMatchers.named(point.type()))
        .transform(
            (builder, type, loader, module, domain) -> builder.visit(Advice.to(advice).on(method)))
        .installOn(instrumentation);
  }

  /** A pass has begun. */
  public static void count() {
    passes.incrementAndGet();
  }

  /** Ends the JVM if it is its turn. */
  public static void haltIfDue() {
    if (passes.get() <= stepsBefore) {
      return;
    }
    try {
      Files.createFile(mark);
    } catch (FileAlreadyExistsException e) {
      return;
    } catch (IOException e) {
      throw new IllegalStateException("The mark of a fault must be writable: " + mark, e);
    }
    Runtime.getRuntime().halt(KILLED);
  }

  /** Woven into the methods; only calls out. */
  public static final class CountPasses {
    private CountPasses() {}

    @Advice.OnMethodEnter
    static void enter() {
      HaltAgent.count();
    }
  }

  /** As above. */
  public static final class HaltBefore {
    private HaltBefore() {}

    @Advice.OnMethodEnter
    static void enter() {
      HaltAgent.haltIfDue();
    }
  }

  /** As above. */
  public static final class HaltAfter {
    private HaltAfter() {}

    @Advice.OnMethodExit
    static void exit() {
      HaltAgent.haltIfDue();
    }
  }
}
