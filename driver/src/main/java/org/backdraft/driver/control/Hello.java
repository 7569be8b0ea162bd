package org.backdraft.driver.control;

import java.io.IOException;
import org.backdraft.comm.transport.Message;

/**
 * How a worker introduces itself.
 *
 * @param rank in [0, worldSize)
 * @param start which start of this rank's worker it is, from 0; above that only where a lost worker
 *     is started again alone
 * @param host where its peers reach it
 * @param dataPort of its listener in the data plane, for peers or for its shard's workers; 0 where
 *     it has none
 * @param jvmId equal for workers of one JVM, and only for them
 * @param executorId as Spark names it
 * @param pid of its process
 * @param cores of its JVM
 * @param kernels which kernels it runs and why
 * @param tuning what its kernels chose by measurement; empty where they choose nothing
 * @param fastKernels whether those are the fast ones
 */
public record Hello(
    int rank,
    int start,
    String host,
    int dataPort,
    String jvmId,
    String executorId,
    long pid,
    int cores,
    String kernels,
    String tuning,
    boolean fastKernels) {
  Message toMessage() {
    return new PayloadWriter(256)
        .putInt(rank)
        .putInt(start)
        .putText(host)
        .putInt(dataPort)
        .putText(jvmId)
        .putText(executorId)
        .putLong(pid)
        .putInt(cores)
        .putText(kernels)
        .putText(tuning)
        .putBoolean(fastKernels)
        .message(MessageKind.HELLO, 0);
  }

  static Hello of(Message message, int worldSize) throws IOException {
    PayloadReader in = new PayloadReader(MessageKind.HELLO, message);
    Hello hello =
        new Hello(
            in.readInt("rank", 0, worldSize - 1),
            in.readInt("start", 0, Integer.MAX_VALUE),
            in.readText(),
            in.readInt("data port", 0, 65535),
            in.readText(),
            in.readText(),
            in.readLong(),
            in.readInt(),
            in.readText(),
            in.readText(),
            in.readBoolean());
    in.end();
    return hello;
  }
}
