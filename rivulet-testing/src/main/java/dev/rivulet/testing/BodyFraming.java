package dev.rivulet.testing;

import java.net.ProtocolException;
import java.nio.ByteBuffer;

/**
 * Says where a message's body ends, seeing its bytes pass as they are on the wire (RFC 9112,
 * section 6): by a length, by chunks, or by the end of the connection.
 */
abstract sealed class BodyFraming {

  private long payload;

  /** Bytes of the body itself so far, without chunk headers. */
  final long payload() {
    return payload;
  }

  final void count(long bytes) {
    payload += bytes;
  }

  abstract boolean done();

  /**
   * How many of the buffer's remaining bytes belong to this body; they are taken as passed. The
   * buffer's position is not moved.
   */
  abstract int accept(ByteBuffer in) throws ProtocolException;

  boolean endsWithConnection() {
    return false;
  }

  static BodyFraming ofRequest(HttpHead head) throws ProtocolException {
    return head.headerHas("Transfer-Encoding", "chunked")
        ? new Chunked()
        : new Counted(length(head, 0));
  }

  static BodyFraming ofResponse(HttpHead head, String method) throws ProtocolException {
    int status = head.status();
    if (method.equals("HEAD") || status < 200 || status == 204 || status == 304) {
      return new Counted(0);
    }
    if (head.headerHas("Transfer-Encoding", "chunked")) {
      return new Chunked();
    }
    long length = length(head, -1);
    return length < 0 ? new UntilClosed() : new Counted(length);
  }

  private static long length(HttpHead head, long absent) throws ProtocolException {
    String value = head.header("Content-Length");
    try {
      return value == null ? absent : Long.parseUnsignedLong(value);
    } catch (NumberFormatException e) {
      throw new ProtocolException("Content-Length: " + value);
    }
  }

  private static final class Counted extends BodyFraming {
    private long left;

    Counted(long length) {
      left = length;
    }

    @Override
    boolean done() {
      return left == 0;
    }

    @Override
    int accept(ByteBuffer in) {
      int n = (int) Math.min(left, in.remaining());
      left -= n;
      count(n);
      return n;
    }
  }

  private static final class UntilClosed extends BodyFraming {
    @Override
    boolean done() {
      return false;
    }

    @Override
    boolean endsWithConnection() {
      return true;
    }

    @Override
    int accept(ByteBuffer in) {
      count(in.remaining());
      return in.remaining();
    }
  }

  private static final class Chunked extends BodyFraming {
    private enum State {
      SIZE,
      EXTENSION,
      DATA,
      DATA_END,
      TRAILER,
      DONE
    }

    private State state = State.SIZE;
    private long left;
    private int lineLength;

    @Override
    boolean done() {
      return state == State.DONE;
    }

    @Override
    int accept(ByteBuffer in) throws ProtocolException {
      int at = in.position();
      while (at < in.limit() && state != State.DONE) {
        if (state == State.DATA) {
          int n = (int) Math.min(left, in.limit() - at);
          left -= n;
          at += n;
          count(n);
          state = left == 0 ? State.DATA_END : State.DATA;
        } else {
          step(in.get(at++));
        }
      }
      return at - in.position();
    }

    private void step(byte b) throws ProtocolException {
      switch (state) {
        case SIZE -> {
          int digit = Character.digit(b, 16);
          if (digit >= 0 && left < 1L << 56) {
            left = left * 16 + digit;
          } else if (b == ';' || b == ' ' || b == '\r') {
            state = State.EXTENSION;
          } else {
            throw new ProtocolException("Not a chunk size");
          }
        }
        case EXTENSION -> {
          if (b == '\n') {
            state = left == 0 ? State.TRAILER : State.DATA;
          }
        }
        case DATA_END -> {
          if (b == '\n') {
            state = State.SIZE;
          }
        }
        case TRAILER -> {
          if (b == '\n') {
            state = lineLength == 0 ? State.DONE : State.TRAILER;
            lineLength = 0;
          } else if (b != '\r') {
            lineLength++;
          }
        }
        case DATA, DONE -> throw new IllegalStateException();
      }
    }
  }
}
