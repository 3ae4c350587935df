// The route to sign up: a new user, and the token that is shown this once.
import { answer, createSchema, route } from 'goose-odm/http'
import { User } from './models/user.ts'

export const signUp = route({
  method: 'POST',
  path: '/users',
  summary: 'Signs up; the token is shown this once',
  tag: 'User',
  body: createSchema(User),
  handle: async ({ body }) => {
    const user = new User(body)
    const token = user.newToken()
    await user.save()
    return answer(201, { user, token }, { location: `/users/${user._id}` })
  },
})
