<?cs include:"macros.cs" ?><?cs set:Title = Firm.Name ?><?cs def:content() ?><p class="back"><a href="/staff/enterprises/">返回企业登记</a></p>
<div class="head"><h1><?cs var:Firm.Name ?></h1><?cs if:May.Correct || May.Hold ?><p class="actions"><?cs if:May.Correct ?><a class="button" href="/staff/enterprises/<?cs var:Firm.Id ?>/correct">更正登记</a><?cs /if ?><?cs if:May.Hold && !Hold.Number ?><a class="button plain" href="/staff/holds/new?firm=<?cs var:Firm.Id ?>">提请锁定</a><?cs /if ?></p><?cs /if ?></div>
<?cs if:Hold.Number ?><p class="note bad">该企业<?cs if:Hold.InForce ?>已锁定<?cs else ?>有锁定，目前不在锁定期内<?cs /if ?>（事项 <a href="/staff/proposals/<?cs var:Hold.Number ?>"><?cs var:Hold.Number ?></a>）：<?cs var:Hold.Reason ?>。自 <?cs var:Hold.From ?> 起<?cs if:Hold.Until ?>，至 <?cs var:Hold.Until ?><?cs /if ?>。</p>
<?cs /if ?><dl class="facts"><?cs call:fact("统一社会信用代码", Firm.Uscc) ?><?cs call:fact("属地", Firm.Region) ?><?cs if:Firm.Province ?><?cs call:fact("省份", Firm.Province) ?><?cs /if ?><div><dt>法定代表人<dd><?cs if:Firm.RepName ?><?cs var:Firm.RepName ?><?cs if:Firm.RepNumber ?>，<?cs var:Firm.RepType ?> <?cs var:Firm.RepNumber ?><?cs /if ?><?cs else ?>（未登记）<?cs /if ?></div>
<div><dt>联系电话<dd><?cs if:Firm.Phone > #0 ?>已登记<?cs else ?>未登记<?cs /if ?></div>
<?cs call:fact("最近更新", Firm.Updated) ?></dl>
<?cs if:Firm.Outdated > #0 ?><p class="note">有 <?cs var:Firm.Outdated ?> 本有效证书上的企业名称与登记的名称不同，企业可以办理企业名称变更。</p>
<?cs /if ?><?cs if:?States.0.State ?><table class="list data"><caption>电子证书，按状态</caption>
<thead><tr><th scope="col">状态<th scope="col">本数
<tbody>
<?cs each:row = States ?><tr><th scope="row"><?cs call:state(row) ?><td data-as="本数"><?cs var:row.Count ?>
<?cs /each ?></table>
<?cs else ?><p class="quiet">该企业没有电子证书。</p>
<?cs /if ?><?cs if:?Matters.0.Number ?><table class="list data"><caption>最近的办理事项</caption>
<thead><tr><th scope="col">事项编号<th scope="col">事项<th scope="col">人员<th scope="col">日期<th scope="col">状态
<tbody>
<?cs each:row = Matters ?><tr><th scope="row"><?cs var:row.Number ?><td data-as="事项"><?cs var:row.Item ?><td data-as="人员"><?cs var:row.Name ?><td data-as="日期"><?cs var:row.Date ?><td data-as="状态"><?cs call:progress(row) ?>
<?cs /each ?></table>
<?cs /if ?><?cs if:?Corrections.0.Number ?><table class="list data"><caption>登记内容的更正，最近的在前</caption>
<thead><tr><th scope="col">项目<th scope="col">原来<th scope="col">改为<th scope="col">原因<th scope="col">经办<th scope="col">事项
<tbody>
<?cs each:row = Corrections ?><tr><th scope="row"><?cs var:row.Field ?><td data-as="原来"><?cs if:row.Before ?><?cs var:row.Before ?><?cs else ?>（无）<?cs /if ?><td data-as="改为"><?cs if:row.After ?><?cs var:row.After ?><?cs else ?>（无）<?cs /if ?><td data-as="原因"><?cs var:row.Reason ?><td data-as="经办"><?cs var:row.Proposer ?><?cs if:row.Decider ?>、<?cs var:row.Decider ?><?cs /if ?><br><?cs var:row.At ?><td data-as="事项"><a href="/staff/proposals/<?cs var:row.Number ?>"><?cs var:row.Label ?></a>
<?cs /each ?></table>
<?cs /if ?><p class="quiet"><a href="/help/staff-enterprises">操作手册：企业登记</a></p>
<?cs /def ?><?cs include:"layout.cs" ?>
