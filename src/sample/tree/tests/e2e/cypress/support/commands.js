const tokens = { accessToken: 'access', refreshToken: 'refresh', tokenType: 'bearer', expiresIn: 900 };

/** Signs in against a stubbed API. */
Cypress.Commands.add('signIn', (roles = ['admin']) => {
  cy.intercept('POST', '**/api/v1/auth/refresh', tokens);
  cy.intercept('POST', '**/api/v1/auth/login', tokens).as('login');
  cy.intercept('GET', '**/api/v1/users/me', { id: '1', fullName: 'Maya Lindqvist', roles });
  cy.intercept('GET', '**/api/v1/dashboard/summary', {
    totalUsers: 42,
    activeUsers: 40,
    eventsToday: 7,
    generatedAt: new Date().toISOString(),
  });
  cy.visit('/auth/login');
  cy.get('input[type=email]').type('maya@tech-platform.example');
  cy.get('input[type=password]').type('not a real password');
  cy.get('button[type=submit]').click();
  cy.wait('@login');
});
