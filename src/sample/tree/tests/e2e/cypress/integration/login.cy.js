describe('login', () => {
  it('shows why a login failed', () => {
    cy.intercept('POST', '**/api/v1/auth/login', {
      statusCode: 401,
      body: { error: { code: 'http_401', message: 'Email or password is wrong', requestId: 'r1' } },
    });
    cy.visit('/auth/login');
    cy.get('input[type=email]').type('maya@tech-platform.example');
    cy.get('input[type=password]').type('wrong');
    cy.get('button[type=submit]').click();
    cy.get('[role=alert]').should('contain', 'Email or password is wrong');
  });

  it('lands on the dashboard', () => {
    cy.signIn();
    cy.location('pathname').should('eq', '/dashboard');
    cy.contains('42');
  });

  it('returns to the page that asked for a login', () => {
    cy.visit('/settings');
    cy.location('pathname').should('eq', '/auth/login');
    cy.location('search').should('contain', 'next=%2Fsettings');
  });
});
