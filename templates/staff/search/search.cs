<?cs include:"macros.cs" ?><?cs set:Title = "综合查询" ?><?cs

def:people(list, heading) ?><table class="list data"><caption><?cs var:heading ?></caption>
<thead><tr><th scope="col">姓名<th scope="col">证件<th scope="col">证件号码<th scope="col">性别<th scope="col">出生日期<th scope="col">证书<?cs if:Propose ?><th scope="col">操作<?cs /if ?>
<tbody>
<?cs each:row = list ?><tr><th scope="row" class="wrap"><a href="/staff/history/people/<?cs var:row.Id ?>"><?cs var:row.Name ?></a><td data-as="证件"><?cs var:row.Document ?><td data-as="证件号码"><?cs var:row.Masked ?><td data-as="性别"><?cs var:row.Sex ?><td data-as="出生日期"><?cs var:row.Birth ?><td data-as="证书"><?cs var:row.Certificates ?> 本<?cs if:Propose ?><td><a href="/staff/holds/new?person=<?cs var:row.Id ?>" aria-label="提请锁定<?cs var:row.Name ?>">提请锁定</a><?cs /if ?>
<?cs /each ?></table>
<?cs /def ?><?cs

def:certificates() ?><?cs if:Propose ?><form action="/staff/sanctions/"><?cs /if ?><table class="list data"><caption>电子证书</caption>
<thead><tr><?cs if:Propose ?><th scope="col"><span class="hide">选择</span><?cs /if ?><th scope="col">证书编号<th scope="col">姓名<th scope="col">类别<th scope="col">企业<th scope="col">有效期至<th scope="col">证书状态
<tbody>
<?cs each:row = Certificates ?><tr><?cs if:Propose ?><td class="tick"><input type="checkbox" name="certificate" value="<?cs var:row.Id ?>" aria-label="选择 <?cs var:row.Number ?>"><?cs /if ?><th scope="row"><a href="/staff/history/certificates/<?cs var:row.Id ?>"><?cs var:row.Number ?></a><td data-as="姓名"><a href="/staff/history/people/<?cs var:row.Person ?>"><?cs var:row.Name ?></a><td data-as="类别"><?cs var:row.Class ?><td data-as="企业"><?cs var:row.Enterprise ?><td data-as="有效期至"><?cs var:row.Until ?><td data-as="证书状态"><?cs call:state(row) ?><?cs if:row.Version > #0 ?><br>标识所指为第 <?cs var:row.Version ?> 版<?cs /if ?>
<?cs /each ?></table>
<?cs if:Propose ?><div class="actions"><button class="button plain">对所选证书提请处罚</button></div></form>
<?cs /if ?><?cs /def ?><?cs

def:papers() ?><table class="list data"><caption>纸质证书</caption>
<thead><tr><th scope="col">证书编号<th scope="col">姓名<th scope="col">企业<th scope="col">有效期至<th scope="col">换领
<tbody>
<?cs each:row = Papers ?><tr><th scope="row"><?cs var:row.Number ?><td data-as="姓名"><a href="/staff/history/people/<?cs var:row.Person ?>"><?cs var:row.Name ?></a><td data-as="企业"><?cs var:row.Enterprise ?><td data-as="有效期至"><?cs var:row.Until ?><td data-as="换领"><?cs if:row.Certificate > #0 ?><a href="/staff/history/certificates/<?cs var:row.Certificate ?>">已换领</a><?cs else ?>未换领<?cs /if ?>
<?cs /each ?></table>
<?cs /def ?><?cs

def:matter() ?><table class="list data"><caption>事项</caption>
<thead><tr><th scope="col">事项编号<th scope="col">办理事项<th scope="col">姓名<th scope="col">企业<th scope="col">申请时间<th scope="col">办理状态
<tbody>
<tr><th scope="row"><a href="/staff/<?cs if:Matter.Proposal ?>proposals<?cs else ?>history/matters<?cs /if ?>/<?cs var:Matter.Number ?>"><?cs var:Matter.Number ?></a><td data-as="办理事项"><?cs var:Matter.Item ?><td data-as="姓名"><?cs var:Matter.Name ?><td data-as="企业"><?cs var:Matter.Enterprise ?><td data-as="申请时间"><?cs var:Matter.Opened ?><td data-as="办理状态"><?cs call:progress(Matter) ?></table>
<?cs /def ?><?cs

def:firms() ?><table class="list data"><caption>企业</caption>
<thead><tr><th scope="col">企业名称<th scope="col">统一社会信用代码<th scope="col">属地<?cs if:Propose ?><th scope="col">操作<?cs /if ?>
<tbody>
<?cs each:row = Firms ?><tr><th scope="row" class="wrap"><a href="/staff/enterprises/<?cs var:row.Id ?>"><?cs var:row.Name ?></a><td data-as="信用代码"><?cs var:row.Code ?><td data-as="属地"><?cs var:row.Region ?><?cs if:Propose ?><td><a href="/staff/sanctions/?firm=<?cs var:row.Id ?>" aria-label="提请处罚<?cs var:row.Name ?>的证书">提请处罚其证书</a><br><a href="/staff/holds/new?firm=<?cs var:row.Id ?>" aria-label="提请锁定<?cs var:row.Name ?>">提请锁定</a><?cs /if ?>
<?cs /each ?></table>
<?cs /def ?><?cs

def:content() ?><?cs call:error_summary() ?><h1>综合查询</h1>
<form class="search wide" method="post" action="/staff/search/" role="search"><?cs call:form_csrf() ?><label for="f-q">查询内容</label><input id="f-q" name="q" value="<?cs if:!Secret && !?Errors.0.text ?><?cs var:Field.q ?><?cs /if ?>" maxlength="100" size="44" autocomplete="off" aria-describedby="q-hint"><button class="button">查询</button></form>
<p class="quiet" id="q-hint">可以输入：证书编号（括号、空格和“沪建安”可以省略，例如 C320260000001）、电子证照标识、事项编号、姓名或企业名称的开头、统一社会信用代码、证件号码。按证件号码的查询会记入审计。</p>
<?cs if:Searched ?><?cs if:Found == #0 ?><p class="empty">没有查到。请核对输入的内容：编号应完整，名称应从开头输入。</p>
<?cs /if ?><?cs if:?Certificates.0.Id ?><?cs call:certificates() ?><?cs /if ?><?cs if:?Papers.0.Number ?><?cs call:papers() ?><?cs /if ?><?cs if:Matter.Number ?><?cs call:matter() ?><?cs /if ?><?cs if:?Documents.0.Id ?><?cs call:people(Documents, "证件号码相符的人员") ?><?cs /if ?><?cs if:?People.0.Id ?><?cs call:people(People, "姓名相符的人员") ?><?cs if:MorePeople ?><nav class="pages" aria-label="人员翻页"><a rel="next" href="<?cs var:MorePeople ?>">更多人员</a></nav>
<?cs /if ?><?cs /if ?><?cs if:?Firms.0.Id ?><?cs call:firms() ?><?cs if:MoreFirms ?><nav class="pages" aria-label="企业翻页"><a rel="next" href="<?cs var:MoreFirms ?>">更多企业</a></nav>
<?cs /if ?><?cs /if ?><?cs /if ?><p class="quiet"><a href="/help/staff-search">操作手册：综合查询与历史</a></p>
<?cs /def ?><?cs include:"layout.cs" ?>
