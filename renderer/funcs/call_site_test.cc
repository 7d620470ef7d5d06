#include "renderer/funcs/call_site.h"

#include <gtest/gtest.h>

namespace swell::funcs {
namespace {

TEST(CallSite, TheFieldThatIsBeingWritten) {
  const struct {
    const char *written, *field;
  } kCases[] = {
      {"", ""},
      {"data:\n  password: ", "password"},
      {"data:\n  password: \"", "password"},
      {"data:\n  password: '", "password"},
      {"data: {user: x, password: ", "password"},
      {"data: {password: ", "password"},
      {"{\"a\":1,\"db.password\": \"", "db.password"},
      {"  - name: ", "name"},
      {"  bob-password: ", "bob-password"},
      {"  example.com/token:", "example.com/token"},
      {"data:\n", ""},
      {"kind: Secret", ""},
      {"url: postgres://user:", ""},
      {"url: \"https://web:8080/x:", ""},
      {"password = ", ""},
      {":", ""},
  };
  for (const auto& c : kCases) EXPECT_EQ(FieldBefore(c.written), c.field) << c.written;
}

TEST(CallSite, TheObjectThatIsBeingWritten) {
  const struct {
    const char *written, *object;
  } kCases[] = {
      {"", ""},
      {"kind: Secret\nmetadata:\n  name: db\ndata:\n  x: ", "db"},
      {"metadata:\n  labels: {app: x}\n  name: \"db\" # why\n", "db"},
      {"kind: Secret\nmetadata: {name: db, namespace: web}\n", "db"},
      {"kind: Secret\nmetadata: {labels: {app.kubernetes.io/name: web}, name: db}\n", "db"},
      {"metadata:\n  name: first\n---\nkind: Secret\nmetadata:\n  name: second\ndata: ", "second"},
      {"metadata:\n  name: first\n---\nkind: Secret\n", ""},
      {"spec:\n  name: x\n", ""},
      {"metadata:\n  name: ", ""},
  };
  for (const auto& c : kCases) EXPECT_EQ(ObjectBefore(c.written), c.object) << c.written;
}

}  // namespace
}  // namespace swell::funcs
